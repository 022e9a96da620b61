package io.holdfast.agent.adapter;

import io.holdfast.agent.attempt.JobException;

/** Looks at a dump program's output as it passes by, and says at its end whether it is complete. */
public interface OutputCheck {
    /** The next bytes. */
    void accept(byte[] bytes, int offset, int length) throws JobException;

    /** The output is over; throws {@code INCOMPLETE_DUMP} when something is missing. */
    void end() throws JobException;
}
