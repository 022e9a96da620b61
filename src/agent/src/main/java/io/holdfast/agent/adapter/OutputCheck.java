package io.holdfast.agent.adapter;

import io.holdfast.agent.attempt.JobException;

/** Looks at a dump program's output as it passes by, and says at its end whether it is complete. */
public interface OutputCheck {
    /** Takes any output for complete: for what another check has passed. */
    OutputCheck ANYTHING = new OutputCheck() {
        @Override
        public void accept(byte[] bytes, int offset, int length) {
            // Nothing to look for.
        }

        @Override
        public void end() {
            // Nothing to miss.
        }
    };

    /** The next bytes. */
    void accept(byte[] bytes, int offset, int length) throws JobException;

    /** The output is over; throws {@code INCOMPLETE_DUMP} when something is missing. */
    void end() throws JobException;
}
