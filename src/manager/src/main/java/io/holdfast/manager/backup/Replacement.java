package io.holdfast.manager.backup;

import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentName;

/**
 * An object that is read in the place of one that is damaged or lost. It has the same content, under another file key.
 *
 * @param lost the object that is not read any more
 * @param lostBytes its size when it was whole
 * @param foundIn the backup whose list has the other one
 * @param line what that list says of the other one
 */
public record Replacement(SegmentName lost, int lostBytes, String foundIn, SegmentLine line) {
    /** What a list says where it names the lost object, with the other one in its place. */
    public SegmentLine in(SegmentLine original) {
        return new SegmentLine(
                original.artifact(), line.fingerprint(), line.bytes(), line.sha256(), line.key(), line.name());
    }
}
