package io.holdfast.agent.adapter.command;

import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A stream after which something has to be done, whatever becomes of it; its end is reached only when that went well. */
final class BracketedStream extends FilterInputStream {
    private final Action afterwards;

    /** What has to be done; does nothing when it is called again, but fails as it did. By any thread. */
    interface Action {
        void run() throws IOException;
    }

    BracketedStream(InputStream in, Action afterwards) {
        super(in);
        this.afterwards = afterwards;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int n = super.read(bytes, offset, length);
        if (n < 0) {
            afterwards.run();
        }
        return n;
    }

    @Override
    public void close() throws IOException {
        try (Closeable _ = afterwards::run) {
            super.close();
        }
    }
}
