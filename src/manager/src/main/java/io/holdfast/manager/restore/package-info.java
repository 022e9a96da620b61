/** Restores: what happens when one is asked for, and when its agent asks for what opens the backup and where it is read. */
@NullMarked
package io.holdfast.manager.restore;

import org.jspecify.annotations.NullMarked;
