package io.holdfast.agent.adapter.directory;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A tar stream to be extracted: gives on only what its check has accepted, and an end only when the stream is whole. */
final class CheckedTar extends FilterInputStream {
    private final TarCheck check;

    CheckedTar(InputStream in, TarCheck check) {
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
        int n = super.read(bytes, offset, length);
        if (n > 0) {
            check.accept(bytes, offset, n);
        } else if (n < 0) {
            check.end();
        }
        return n;
    }
}
