package io.holdfast.format.segment;

import java.io.OutputStream;
import java.util.Objects;

/** Bytes in a room that does not grow, whose owner sees them without a copy. */
final class SealedOutput extends OutputStream {
    private final byte[] buffer;
    private int length;

    SealedOutput(int most) {
        buffer = new byte[most];
    }

    void reset() {
        length = 0;
    }

    byte[] buffer() {
        return buffer;
    }

    int length() {
        return length;
    }

    @Override
    public void write(int value) {
        room(1);
        buffer[length++] = (byte) value;
    }

    @Override
    public void write(byte[] bytes, int offset, int count) {
        Objects.checkFromIndexSize(offset, count, bytes.length);
        room(count);
        System.arraycopy(bytes, offset, buffer, length, count);
        length += count;
    }

    private void room(int count) {
        if (count > buffer.length - length) {
            throw new IllegalStateException("a segment became larger than any can be");
        }
    }
}
