package io.holdfast.format.segment;

import java.nio.ByteBuffer;

/**
 * Says where an artifact is cut: behind bytes that have a certain rolling hash, so that a change moves only the cuts around it.
 *
 * <p>The hash is a gear hash (Xia et al., 2014) with a secret table: for each byte it is shifted left by one bit, and the byte's
 * word of the table is added. So it depends on the last 64 bytes. A cut is where the hash, without a sign, is below a bound;
 * the bound gives cuts at the distance that makes the mean of all segments right, least and most counted. Immutable; may be
 * used by any thread.
 */
public final class Cutter {
    /** What the manifest calls this way to cut. */
    public static final String NAME = "gear/1";

    /**
     * The mean distance of cuts, as a part of the mean size d of segments: the distance λ for which least + λ (1 − e^(−(most −
     * least) / λ)) is d, with least d/4 and most 2 d.
     */
    private static final double DISTANCE = 0.8655;

    private final SegmentSizes sizes;
    private final long[] table = new long[256];
    private final long bound;

    /** A cutter of these sizes, by this secret. */
    public Cutter(SegmentSecret secret, SegmentSizes sizes) {
        this.sizes = sizes;
        ByteBuffer.wrap(secret.cutterKey()).asLongBuffer().get(table);
        // Comparing without a sign is comparing with one, both sides moved by 2^63.
        this.bound = Long.MIN_VALUE + (long) (0x1p64 / (DISTANCE * sizes.mean()));
    }

    /** The sizes that it cuts to. */
    public SegmentSizes sizes() {
        return sizes;
    }

    /**
     * How long the next segment is.
     *
     * @param bytes from their beginning, the next bytes of the artifact
     * @param length how many there are: at least {@link SegmentSizes#most}, or all that are left of the artifact
     * @return from 1 to {@code length}; 0 when that is 0
     */
    public int next(byte[] bytes, int length) {
        int end = Math.min(length, sizes.most());
        long[] words = table;
        long hash = 0;
        // The bytes that the hash at the first possible cut depends on.
        for (int i = Math.max(0, sizes.least() - Long.SIZE); i < Math.min(end, sizes.least()); i++) {
            hash = (hash << 1) + words[bytes[i] & 0xff];
        }
        for (int i = sizes.least(); i < end; i++) {
            if (hash + Long.MIN_VALUE < bound) {
                return i;
            }
            hash = (hash << 1) + words[bytes[i] & 0xff];
        }
        return end;
    }
}
