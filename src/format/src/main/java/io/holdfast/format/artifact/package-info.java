/**
 * One stream of a backup, an artifact, as it is stored: a row of segments, each a complete age file around whole
 * zstd frames.
 *
 * <p>How it works: the plaintext is cut into blocks of 1 MiB. A few threads compress them into one frame each; the
 * writing thread takes the frames in order, encrypts them and hands them to the sink, and begins a new segment where
 * the next frame would not fit any more. The number of blocks is fixed: when the sink is slow, no block is free, and
 * the input is not read on. Reading goes the other way, one segment after the other, in one thread.
 *
 * <p>{@link io.holdfast.format.artifact.ArtifactWriter} and {@link io.holdfast.format.artifact.ArtifactReader} share
 * no class of this package, so that a mistake in one cannot hide in the other.
 */
@NullMarked
package io.holdfast.format.artifact;

import org.jspecify.annotations.NullMarked;
