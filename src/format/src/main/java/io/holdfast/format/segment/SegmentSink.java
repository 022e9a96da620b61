package io.holdfast.format.segment;

import java.io.IOException;

/** Where a {@link SegmentWriter} brings segments. Called by several threads at once, in any order of the positions. */
public interface SegmentSink {
    /**
     * Whether a segment with this fingerprint is stored already and need not be sealed. When it is, this call was all for that
     * position.
     *
     * @param position which of the artifact's segments it is, from 0
     */
    boolean isStored(long position, Fingerprint fingerprint) throws IOException, InterruptedException;

    /**
     * Stores a segment. What is in {@code sealed} is gone once this returns.
     *
     * @param position which of the artifact's segments it is, from 0
     */
    void store(long position, Fingerprint fingerprint, SealedSegment sealed) throws IOException, InterruptedException;
}
