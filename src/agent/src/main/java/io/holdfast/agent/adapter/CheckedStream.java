package io.holdfast.agent.adapter;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A stream whose end is reached only when a check, which sees all that passes by, has nothing against it. */
public class CheckedStream extends FilterInputStream {
    private final OutputCheck check;
    private boolean whole;

    public CheckedStream(InputStream in, OutputCheck check) {
        super(in);
        this.check = check;
    }

    /** Whether its end was reached. */
    protected final boolean whole() {
        return whole;
    }

    @Override
    public final int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public final int read(byte[] bytes, int offset, int length) throws IOException {
        int n = in.read(bytes, offset, length);
        if (n >= 0) {
            check.accept(bytes, offset, n);
        } else if (!whole) {
            check.end();
            whole = true;
        }
        return n;
    }
}
