package io.holdfast.format.segment;

/**
 * How large segments are, in bytes of plaintext: from a quarter of the mean (but for an artifact's last one) to twice the mean.
 *
 * @param mean 512 KiB, 1 MiB or 2 MiB
 */
public record SegmentSizes(int mean) {
    /** The smallest mean. */
    public static final int SMALLEST_MEAN = 512 * 1024;

    /** The largest mean. */
    public static final int LARGEST_MEAN = 2 * 1024 * 1024;

    /** The most plaintext that any segment has. */
    public static final int LARGEST_SEGMENT = 2 * LARGEST_MEAN;

    /** An artifact that is small has about so many segments. */
    private static final int ABOUT = 256;

    /** While the mean that would be best is off by less than this, the one of before stays, so that the cuts stay too. */
    private static final int TOLERANCE = 4;

    /** More than age's header and the last chunk's tag can take. */
    private static final int HEADER_BYTES = 128 * 1024;

    /** Checks the bounds, with {@link IllegalArgumentException}. */
    public SegmentSizes {
        if (mean < SMALLEST_MEAN || mean > LARGEST_MEAN || Integer.bitCount(mean) != 1) {
            throw new IllegalArgumentException("a segment's mean size must be 512 KiB, 1 MiB or 2 MiB");
        }
    }

    /**
     * What fits an artifact.
     *
     * @param plaintextBytes how large it is, or was last
     */
    public static SegmentSizes fitting(long plaintextBytes) {
        int mean = SMALLEST_MEAN;
        while (mean < LARGEST_MEAN && plaintextBytes / mean > ABOUT) {
            mean *= 2;
        }
        return new SegmentSizes(mean);
    }

    /** These, while they are not far off what fits an artifact of this size; else what fits. */
    public SegmentSizes orFitting(long plaintextBytes) {
        SegmentSizes fitting = fitting(plaintextBytes);
        int larger = Math.max(mean, fitting.mean);
        int smaller = Math.min(mean, fitting.mean);
        return larger < TOLERANCE * smaller ? this : fitting;
    }

    /** The fewest bytes of a segment that is not an artifact's last. */
    public int least() {
        return mean / 4;
    }

    /** The most bytes of a segment. */
    public int most() {
        return 2 * mean;
    }

    /** More bytes than any segment's object has: zstd and age add less than 1/64 to data that cannot be compressed. */
    public int mostSealed() {
        return most() + most() / 64 + HEADER_BYTES;
    }
}
