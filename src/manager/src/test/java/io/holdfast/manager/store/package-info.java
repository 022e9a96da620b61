/** The contract of stores as tests, and a store that fails on demand. */
@NullMarked
package io.holdfast.manager.store;

import org.jspecify.annotations.NullMarked;
