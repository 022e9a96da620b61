package io.holdfast.manager.backup;

import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentName;
import java.util.Map;

/**
 * An object that is read in the place of one that is damaged or lost. It has the same content, under another file key.
 *
 * @param lost the object that is not read any more
 * @param lostBytes its size when it was whole
 * @param foundIn the backup whose list has the other one
 * @param line what that list says of the other one
 */
public record Replacement(SegmentName lost, int lostBytes, String foundIn, SegmentLine line) {
    /** A line of a list, with another object in the place of the one that it names if that is lost. */
    public static SegmentLine in(SegmentLine listed, Map<SegmentName, Replacement> replaced) {
        Replacement other = replaced.get(listed.name());
        return other == null
                ? listed
                : new SegmentLine(
                        listed.artifact(),
                        other.line.fingerprint(),
                        other.line.bytes(),
                        other.line.sha256(),
                        other.line.key(),
                        other.line.name());
    }
}
