package io.holdfast.format.artifact;

import io.holdfast.format.zstd.FrameReader;
import java.io.IOException;
import java.io.InputStream;

/** A piece of plaintext; a fixed number of these goes round between the threads of one writer. */
final class Block {
    private final byte[] buffer = new byte[FrameReader.LARGEST_CONTENT];
    private int bytes;

    /** Fills the block; it stays short only at the end of the input. */
    void readFrom(InputStream in) throws IOException {
        bytes = in.readNBytes(buffer, 0, buffer.length);
    }

    boolean isFull() {
        return bytes == buffer.length;
    }

    byte[] buffer() {
        return buffer;
    }

    int bytes() {
        return bytes;
    }
}
