package io.holdfast.agent.adapter.tar;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * A tar stream to be extracted: gives on only what its check has accepted, or has changed, and an end only when the stream
 * is whole.
 */
public final class CheckedTar extends FilterInputStream {
    private static final int BLOCKS = 128;

    private final TarCheck check;

    /** Whole blocks, so that the check has each header in one piece. */
    private final byte[] buffer = new byte[BLOCKS * TarHeader.BLOCK];

    private int at;
    private int have;

    public CheckedTar(InputStream in, TarCheck check) {
        super(in);
        this.check = check;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (at == have) {
            at = 0;
            have = in.readNBytes(buffer, 0, buffer.length);
            if (have == 0) {
                check.end();
                return -1;
            }
            check.accept(buffer, 0, have);
        }
        int given = Math.min(length, have - at);
        System.arraycopy(buffer, at, bytes, offset, given);
        at += given;
        return given;
    }
}
