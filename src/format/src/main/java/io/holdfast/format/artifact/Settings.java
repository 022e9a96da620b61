package io.holdfast.format.artifact;

/**
 * How artifacts are written.
 *
 * @param level zstd's level, 1 to 19
 * @param workers number of compressing threads, 1 to 64; each costs 2 MiB of heap and some native memory
 * @param segmentBytes largest size of a segment's ciphertext, at least 2 MiB
 */
public record Settings(int level, int workers, long segmentBytes) {
    static final long SMALLEST_SEGMENT = 2 * 1024 * 1024;

    /** Checks the bounds, with {@link IllegalArgumentException}. */
    public Settings {
        if (level < 1 || level > 19) {
            throw new IllegalArgumentException("the compression level must be 1 to 19");
        }
        if (workers < 1 || workers > 64) {
            throw new IllegalArgumentException("the number of compressing threads must be 1 to 64");
        }
        if (segmentBytes < SMALLEST_SEGMENT) {
            throw new IllegalArgumentException("a segment must have room for at least " + SMALLEST_SEGMENT + " bytes");
        }
    }
}
