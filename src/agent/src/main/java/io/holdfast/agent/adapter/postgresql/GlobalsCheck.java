package io.holdfast.agent.adapter.postgresql;

import io.holdfast.agent.adapter.EndMark;
import io.holdfast.agent.adapter.OutputCheck;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.protocol.FailureCode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Demands that the globals are whole, and that a restore will be able to read them. Keeps them all. */
final class GlobalsCheck implements OutputCheck {
    private static final String END_MARK = "-- PostgreSQL database cluster dump complete";

    private final EndMark mark = new EndMark(END_MARK, "the dump of the globals");
    private final ByteArrayOutputStream text = new ByteArrayOutputStream();

    @Override
    public void accept(byte[] bytes, int offset, int length) throws JobException {
        mark.accept(bytes, offset, length);
        text.write(bytes, offset, length);
        if (text.size() > Staging.LARGEST_TEXT) {
            throw new JobException(
                    FailureCode.DUMP_FAILED,
                    "the server's roles and their rights have more than " + Staging.LARGEST_TEXT + " bytes",
                    "a restore holds them in memory: give the agent a larger memory_mb");
        }
    }

    @Override
    public void end() throws JobException {
        mark.end();
        Globals.parse(text.toString(StandardCharsets.UTF_8));
    }
}
