package io.holdfast.agent.adapter;

import io.holdfast.agent.attempt.JobException;
import java.io.IOException;

/** Looks at a dump program's output as it passes by, and says at its end whether it is complete. */
public interface OutputCheck {
    /** Takes any output for complete: for what another check has passed. */
    OutputCheck ANYTHING = atEnd(() -> {});

    /** One that looks at no byte, but has something to do or to demand at the end. */
    static OutputCheck atEnd(End end) {
        return new OutputCheck() {
            @Override
            public void accept(byte[] bytes, int offset, int length) {
                // Only the end counts.
            }

            @Override
            public void end() throws IOException {
                end.reached();
            }
        };
    }

    /** What is done at the end. */
    interface End {
        void reached() throws IOException;
    }

    /** The next bytes. */
    void accept(byte[] bytes, int offset, int length) throws JobException;

    /** The output is over; throws {@code INCOMPLETE_DUMP} when something is missing. */
    void end() throws IOException;
}
