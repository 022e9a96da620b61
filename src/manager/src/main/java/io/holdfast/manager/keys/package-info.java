/** The instances' keys: made, wrapped for the master and the recovery recipients, and opened for restores. */
@NullMarked
package io.holdfast.manager.keys;

import org.jspecify.annotations.NullMarked;
