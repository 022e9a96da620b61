package io.holdfast.protocol;

import java.util.List;

/**
 * {@code POST /agent/v1/jobs/{id}/borrowed}: names segments of the lender that are the backup's own too, see
 * {@link Assignment.Lender}. Answered with {@code {}}; the same again is fine.
 *
 * @param epoch the attempt's
 * @param segments 1 to {@link #MOST}
 */
public record BorrowedSegments(int epoch, List<Segment> segments) {
    /** The most segments of one call. */
    public static final int MOST = 1000;

    public BorrowedSegments {
        segments = List.copyOf(segments);
    }

    /**
     * One segment.
     *
     * @param artifact the artifact's name
     * @param position which of the artifact's segments it is, from 0
     * @param line which of the lender's lines it is, from 0
     * @param fingerprint of its plaintext, 64 lower-case hexadecimal digits: the manager compares it with the line's
     */
    public record Segment(String artifact, long position, long line, String fingerprint) {}
}
