package io.holdfast.manager.http;

import java.io.InputStream;
import java.util.Iterator;
import java.util.Objects;

/** Bytes that are made a piece at a time, while they are read. Not for use by several threads. */
public final class PieceStream extends InputStream {
    private final Iterator<byte[]> pieces;
    private byte[] piece = new byte[0];
    private int position;

    public PieceStream(Iterator<byte[]> pieces) {
        this.pieces = pieces;
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        while (position == piece.length) {
            if (!pieces.hasNext()) {
                return -1;
            }
            piece = pieces.next();
            position = 0;
        }
        int count = Math.min(length, piece.length - position);
        System.arraycopy(piece, position, target, offset, count);
        position += count;
        return count;
    }
}
