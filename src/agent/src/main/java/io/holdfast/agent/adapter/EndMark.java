package io.holdfast.agent.adapter;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.protocol.FailureCode;
import java.nio.charset.StandardCharsets;

/** Demands that an output has a line near its end which its program writes only when it is done. */
public final class EndMark implements OutputCheck {
    private static final int KEPT = 1024;

    private final String mark;
    private final String what;
    private byte[] end = new byte[0];

    /**
     * A check for one output.
     *
     * @param mark how the line begins
     * @param what names the output in a message, such as {@code the dump of the globals}
     */
    public EndMark(String mark, String what) {
        this.mark = mark;
        this.what = what;
    }

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
        // Some programs write blank lines, or lines about themselves, after the mark: it need not be the last line.
        String text = new String(end, StandardCharsets.UTF_8);
        if (!text.endsWith("\n") || !("\n" + text).contains("\n" + mark)) {
            throw new JobException(FailureCode.INCOMPLETE_DUMP, what + " is incomplete: no end mark");
        }
    }
}
