package io.holdfast.format.artifact;

import io.holdfast.format.zstd.FrameCompressor;

/** Room for one compressed frame; a fixed number of these goes round between the threads of one writer. */
final class Frame {
    private final byte[] buffer = new byte[FrameCompressor.largestFrameBytes()];
    private int bytes;
    private int plainBytes;

    /** Takes in the whole of a block. */
    void compress(FrameCompressor compressor, Block block) {
        plainBytes = block.bytes();
        bytes = compressor.compress(block.buffer(), plainBytes, buffer);
    }

    byte[] buffer() {
        return buffer;
    }

    int bytes() {
        return bytes;
    }

    int plainBytes() {
        return plainBytes;
    }
}
