/**
 * The manifest of a backup: which artifacts and segments it consists of, with sizes and hashes, signed by the manager.
 *
 * <p>It is written last; without one there is no backup. Because it names instance, backup and sequence and is signed,
 * an object that was swapped, renamed or put back from an older backup does not fit any more.
 */
@NullMarked
package io.holdfast.format.manifest;

import org.jspecify.annotations.NullMarked;
