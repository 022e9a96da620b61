package io.holdfast.manager.backup;

import io.holdfast.format.age.AgeException;
import io.holdfast.format.age.WrappedFileKey;
import io.holdfast.format.segment.Fingerprint;
import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentName;

/** Reads segments that the catalogue has noted: what is noted of them was looked at before. */
public final class NotedSegment {
    private NotedSegment() {}

    /**
     * What a list says of one.
     *
     * @param share with {@code body}, what the object's header has for the recipient of the instance's key version
     * @throws IllegalStateException when these are none
     */
    public static SegmentLine line(
            String artifact,
            String fingerprint,
            int bytes,
            String sha256,
            String share,
            String body,
            SegmentName name) {
        try {
            return new SegmentLine(
                    artifact, new Fingerprint(fingerprint), bytes, sha256, WrappedFileKey.parse(share, body), name);
        } catch (AgeException e) {
            throw new IllegalStateException("the database has a segment's key that is none", e);
        }
    }
}
