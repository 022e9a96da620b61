package io.holdfast.format.artifact;

import java.util.List;

/**
 * What was written as one artifact.
 *
 * @param plaintextBytes size before compression
 * @param segments in their order, at least one
 */
public record ArtifactSummary(long plaintextBytes, List<SegmentSummary> segments) {
    public ArtifactSummary {
        segments = List.copyOf(segments);
    }
}
