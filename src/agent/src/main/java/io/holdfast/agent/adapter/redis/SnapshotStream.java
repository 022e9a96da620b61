package io.holdfast.agent.adapter.redis;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * A snapshot as a server sends it: either of a known length, or followed by a mark that the server has announced. Its end
 * is reached only when all of it has come. Closing it closes the connection.
 */
final class SnapshotStream extends InputStream {
    private static final int READ_BYTES = 64 * 1024;

    private final Connection connection;
    private final InputStream in;
    private final byte[] mark;
    private final byte[] buffer;
    /** What is in the buffer and not given away yet; with a mark, its last bytes may be the mark. */
    private int from;

    private int to;
    private long left;
    private boolean marked;

    /** One that ends with a mark. */
    SnapshotStream(Connection connection, InputStream in, byte[] mark) {
        this.connection = connection;
        this.in = in;
        this.mark = mark;
        this.buffer = new byte[READ_BYTES + mark.length];
        this.left = Long.MAX_VALUE;
    }

    /** One of a known length. */
    SnapshotStream(Connection connection, InputStream in, long length) {
        this.connection = connection;
        this.in = in;
        this.mark = new byte[0];
        this.buffer = new byte[READ_BYTES];
        this.left = length;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        while (available() == 0) {
            if (marked || left == 0) {
                return -1;
            }
            fill();
        }
        int n = Math.min(length, available());
        System.arraycopy(buffer, from, bytes, offset, n);
        from += n;
        return n;
    }

    /** How many bytes are surely of the snapshot. */
    @Override
    public int available() {
        return Math.max(0, to - from - mark.length);
    }

    private void fill() throws IOException {
        System.arraycopy(buffer, from, buffer, 0, to - from);
        to -= from;
        from = 0;
        int n;
        try {
            n = in.read(buffer, to, (int) Math.min(left, buffer.length - to));
            if (n < 0) {
                throw new EOFException("the snapshot is incomplete");
            }
        } catch (IOException e) {
            throw connection.broken(e);
        }
        to += n;
        left -= mark.length == 0 ? n : 0;
        // The server sends nothing after its mark before it is answered.
        marked = mark.length > 0
                && to >= mark.length
                && Arrays.equals(buffer, to - mark.length, to, mark, 0, mark.length);
    }

    @Override
    public void close() {
        connection.close();
    }
}
