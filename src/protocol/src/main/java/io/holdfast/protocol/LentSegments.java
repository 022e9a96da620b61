package io.holdfast.protocol;

/**
 * {@code POST /agent/v1/jobs/{id}/lent}: asks by what the segments of the lender are recognized that may be named, see
 * {@link Assignment.Lender}. Asked in pages.
 *
 * @param epoch the attempt's
 * @param first the first line of the page, from 0: a multiple of {@link #MOST}
 * @param count how many lines, 1 to {@link #MOST}; none is behind the lender's last one
 */
public record LentSegments(int epoch, long first, int count) {
    /** The most lines of one call. */
    public static final int MOST = 10_000;

    /** So many bytes of the answer stand for a line. */
    public static final int BYTES = 8;

    /**
     * The answer.
     *
     * @param fingerprints in base64, {@link #BYTES} bytes for each line: the first ones of the segment's fingerprint; zeros when
     *     there is no segment that may be named
     */
    public record Answer(String fingerprints) {}
}
