package io.holdfast.format.artifact;

import io.holdfast.format.zstd.FrameCompressor;
import io.holdfast.format.zstd.FrameReader;
import java.io.IOException;
import java.io.InputStream;

/** A piece of plaintext and its frame; a fixed number of these goes round between the threads of one writer. */
final class Block {
    private final byte[] plain = new byte[FrameReader.LARGEST_CONTENT];
    private final byte[] frame = new byte[FrameCompressor.largestFrameBytes()];
    private int plainBytes;
    private int frameBytes;

    /** Fills the block; it stays short only at the end of the input. */
    void readFrom(InputStream in) throws IOException {
        plainBytes = in.readNBytes(plain, 0, plain.length);
    }

    boolean isFull() {
        return plainBytes == plain.length;
    }

    int plainBytes() {
        return plainBytes;
    }

    void compress(FrameCompressor compressor) {
        frameBytes = compressor.compress(plain, plainBytes, frame);
    }

    byte[] frame() {
        return frame;
    }

    int frameBytes() {
        return frameBytes;
    }
}
