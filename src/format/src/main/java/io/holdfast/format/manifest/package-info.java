/**
 * The manifest of a backup: which artifacts it consists of, and the hash of the list of their segments, signed by the
 * manager.
 *
 * <p>It is written last; without one there is no backup. Because it names instance, backup and sequence and is signed,
 * an object that was swapped, renamed or put back from an older backup does not fit any more.
 */
@NullMarked
package io.holdfast.format.manifest;

import org.jspecify.annotations.NullMarked;
