/** The operators' API: its routes. */
@NullMarked
package io.holdfast.manager.api;

import org.jspecify.annotations.NullMarked;
