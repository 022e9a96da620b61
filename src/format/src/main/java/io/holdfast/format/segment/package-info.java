/**
 * Segments: the pieces that an artifact is cut into by its content, each stored as one small object, and the list of them.
 *
 * <p>Writing: a {@link io.holdfast.format.segment.SegmentWriter} reads the artifact, a {@link io.holdfast.format.segment.Cutter}
 * says where it is cut, a {@link io.holdfast.format.segment.SegmentSealer} makes an object of each piece, and a
 * {@link io.holdfast.format.segment.SegmentListWriter} lists them. Segments do not depend on each other, so as many threads as
 * there are can work on them, at writing and at reading. Reading: a {@link io.holdfast.format.segment.SegmentListReader} reads
 * the list, and a {@link io.holdfast.format.segment.SegmentOpener} opens and checks each object.
 */
@NullMarked
package io.holdfast.format.segment;

import org.jspecify.annotations.NullMarked;
