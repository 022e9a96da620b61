package io.holdfast.format.zstd;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;

/**
 * Compresses blocks into one frame each. Holds some MiB of native memory until it is closed.
 *
 * <p>Not safe for several threads; each thread takes its own.
 */
public final class FrameCompressor implements AutoCloseable {
    private final ZstdCompressCtx context;

    /**
     * A compressor of this level.
     *
     * @param level zstd's own, 1 (fast) to 19 (small)
     */
    public FrameCompressor(int level) {
        context = new ZstdCompressCtx().setLevel(level).setChecksum(true).setContentSize(true);
    }

    /** Largest number of bytes that one frame can take. */
    public static int largestFrameBytes() {
        return Math.toIntExact(Zstd.compressBound(FrameReader.LARGEST_CONTENT)) + FrameReader.CHECKSUM_BYTES;
    }

    /**
     * Compresses the first {@code length} bytes of a block.
     *
     * @param frame where the frame goes, at least {@link #largestFrameBytes()} long
     * @param length at most 1 MiB
     * @return size of the frame in bytes
     */
    public int compress(byte[] block, int length, byte[] frame) {
        return compress(block, 0, length, frame);
    }

    /** As the other one, with {@code length} bytes from {@code offset} on. */
    public int compress(byte[] bytes, int offset, int length, byte[] frame) {
        if (length > FrameReader.LARGEST_CONTENT) {
            throw new IllegalArgumentException("a frame holds at most 1 MiB");
        }
        return context.compressByteArray(frame, 0, frame.length, bytes, offset, length);
    }

    @Override
    public void close() {
        context.close();
    }
}
