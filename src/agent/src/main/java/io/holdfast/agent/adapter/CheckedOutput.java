package io.holdfast.agent.adapter;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.process.ProcessEnd;
import io.holdfast.agent.process.RunningProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;

/**
 * A dump program's output whose end is reached only when the program has ended well and the output is complete, as its
 * check says. Closing it ends the program.
 */
public final class CheckedOutput extends InputStream {
    private final RunningProcess process;
    private final InputStream output;
    private final OutputCheck check;
    private final Verdict verdict;
    private final StopSignal stop;
    private boolean ended;

    /** Whether a program that ended so has made a good dump; throws when not. */
    public interface Verdict {
        void of(ProcessEnd end) throws JobException;
    }

    public CheckedOutput(RunningProcess process, OutputCheck check, Verdict verdict, StopSignal stop) {
        this.process = process;
        this.output = process.output();
        this.check = check;
        this.verdict = verdict;
        this.stop = stop;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int n = output.read(bytes, offset, length);
        if (n >= 0) {
            check.accept(bytes, offset, n);
        } else if (!ended) {
            end();
            ended = true;
        }
        return n;
    }

    private void end() throws IOException {
        ProcessEnd end;
        try {
            end = process.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            InterruptedIOException io = new InterruptedIOException("waiting for a dump program was interrupted");
            io.initCause(e);
            throw io;
        }
        stop.check();
        verdict.of(end);
        check.end();
    }

    @Override
    public void close() {
        process.close();
    }
}
