package io.holdfast.format.segment;

import java.io.IOException;
import java.io.InputStream;

/** The plaintext of one segment, and behind it, while it is being read, the beginning of the next. */
final class Plaintext {
    private final byte[] bytes;
    private int length;

    Plaintext(SegmentSizes sizes) {
        bytes = new byte[sizes.most()];
    }

    /** Forgets what it was used for before. */
    void clear() {
        length = 0;
    }

    /** Adds what is still to come until it has so many bytes; says whether that was all. */
    boolean fill(InputStream in, int most) throws IOException {
        length += in.readNBytes(bytes, length, most - length);
        return length < most;
    }

    /** Keeps the first so many bytes, and begins another with the rest. */
    void split(int at, Plaintext rest) {
        System.arraycopy(bytes, at, rest.bytes, 0, length - at);
        rest.length = length - at;
        length = at;
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }
}
