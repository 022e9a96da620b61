package io.holdfast.manager.backup;

import io.holdfast.format.manifest.Manifest;
import java.util.regex.Pattern;

/** An agent names something that no backup has. Nothing has changed. */
public final class OutOfBounds extends RuntimeException {
    private static final Pattern ARTIFACT = Pattern.compile("[a-z0-9][a-z0-9_-]{0,62}");

    private OutOfBounds(String field) {
        super("field '" + field + "' is out of its bounds", null, false, false);
    }

    static void require(boolean good, String field) {
        if (!good) {
            throw new OutOfBounds(field);
        }
    }

    /**
     * Demands that a backup can have such a segment.
     *
     * @throws OutOfBounds when none can
     */
    public static void requireSegment(String artifact, int segment) {
        require(ARTIFACT.matcher(artifact).matches(), "artifact");
        require(segment >= 0 && segment < Manifest.MOST_SEGMENTS, "segment");
    }
}
