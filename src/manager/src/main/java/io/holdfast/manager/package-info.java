/** The backup manager's start. */
@NullMarked
package io.holdfast.manager;

import org.jspecify.annotations.NullMarked;
