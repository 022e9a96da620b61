package io.holdfast.manager.store;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/**
 * Gives exactly as many bytes as were promised: it throws when the source ends before, and ends where they end. For
 * one thread.
 */
public final class ExactStream extends InputStream {
    private final InputStream in;
    private long left;

    /**
     * Wraps a stream.
     *
     * @param in the source; closed with this stream
     * @param length bytes that it must have
     */
    public ExactStream(InputStream in, long length) {
        this.in = in;
        this.left = length;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (left == 0) {
            return -1;
        }
        int count = in.read(buffer, offset, (int) Math.min(length, left));
        if (count < 0) {
            throw new EOFException("the object ends " + left + " bytes too early");
        }
        left -= count;
        return count;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
