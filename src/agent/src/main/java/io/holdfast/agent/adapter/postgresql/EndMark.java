package io.holdfast.agent.adapter.postgresql;

import io.holdfast.agent.adapter.OutputCheck;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.protocol.FailureCode;
import java.nio.charset.StandardCharsets;

/** Demands the comment that {@code pg_dumpall} writes last. */
final class EndMark implements OutputCheck {
    private static final String MARK = "-- PostgreSQL database cluster dump complete";
    private static final int KEPT = 256;

    private byte[] end = new byte[0];

    @Override
    public void accept(byte[] bytes, int offset, int length) {
        int fromNew = Math.min(length, KEPT);
        int fromOld = Math.min(end.length, KEPT - fromNew);
        byte[] joined = new byte[fromOld + fromNew];
        System.arraycopy(end, end.length - fromOld, joined, 0, fromOld);
        System.arraycopy(bytes, offset + length - fromNew, joined, fromOld, fromNew);
        end = joined;
    }

    @Override
    public void end() throws JobException {
        // Fixed minor releases write \\unrestrict and blank lines around the mark, so it need not be the last line.
        String text = new String(end, StandardCharsets.UTF_8);
        if (!("\n" + text).contains("\n" + MARK + "\n")) {
            throw new JobException(FailureCode.INCOMPLETE_DUMP, "the dump of the globals breaks off: no end mark");
        }
    }
}
