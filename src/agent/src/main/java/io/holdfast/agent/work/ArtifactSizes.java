package io.holdfast.agent.work;

import io.holdfast.format.segment.SegmentSizes;
import io.holdfast.protocol.Assignment;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * To which sizes the artifacts of a backup are cut. What the lender has by the same name is cut as it was there, since only then
 * the cuts are the same, unless it has grown or shrunk too much. All others are cut to what fits their share of the dump.
 */
final class ArtifactSizes {
    private final SegmentSizes largest;
    private final SegmentSizes others;
    private final Map<String, SegmentSizes> lent = new HashMap<>();

    /**
     * @param largest what no artifact is cut above
     * @param lender null when there is none
     * @param estimatedBytes of the dump; null when nobody knows. Artifacts are cut to the smallest sizes then: what is larger than
     *     they are for has more segments
     * @param artifacts how many the dump has
     */
    ArtifactSizes(
            SegmentSizes largest, Assignment.@Nullable Lender lender, @Nullable Long estimatedBytes, int artifacts) {
        this.largest = largest;
        this.others =
                capped(SegmentSizes.fitting(estimatedBytes == null ? 0 : estimatedBytes / Math.max(1, artifacts)));
        if (lender != null) {
            for (Assignment.LenderArtifact artifact : lender.artifacts()) {
                lent.put(
                        artifact.name(),
                        capped(new SegmentSizes(artifact.meanBytes()).orFitting(artifact.plaintextBytes())));
            }
        }
    }

    /** Those of one artifact. */
    SegmentSizes of(String artifact) {
        return lent.getOrDefault(artifact, others);
    }

    private SegmentSizes capped(SegmentSizes sizes) {
        return sizes.mean() > largest.mean() ? largest : sizes;
    }
}
