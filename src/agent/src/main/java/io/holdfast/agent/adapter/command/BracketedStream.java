package io.holdfast.agent.adapter.command;

import io.holdfast.agent.adapter.CheckedStream;
import io.holdfast.agent.adapter.OutputCheck;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;

/** A stream after which something has to be done, whatever becomes of it; its end is reached only when that went well. */
final class BracketedStream extends CheckedStream {
    private final Action afterwards;

    /** What has to be done; does nothing when it is called again, but fails as it did. By any thread. */
    interface Action {
        void run() throws IOException;
    }

    BracketedStream(InputStream in, Action afterwards) {
        super(in, OutputCheck.atEnd(afterwards::run));
        this.afterwards = afterwards;
    }

    @Override
    public void close() throws IOException {
        try (Closeable _ = afterwards::run) {
            super.close();
        }
    }
}
