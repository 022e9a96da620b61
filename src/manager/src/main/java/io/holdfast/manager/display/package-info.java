/** Numbers, times and plans as people read them on pages. */
@NullMarked
package io.holdfast.manager.display;

import org.jspecify.annotations.NullMarked;
