/** Copies of the manager's own database in the store: made again and again, and brought back when it is lost. */
@NullMarked
package io.holdfast.manager.state;

import org.jspecify.annotations.NullMarked;
