package io.holdfast.agent.adapter.postgresql;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.process.ProcessEnd;
import io.holdfast.agent.process.RunningProcess;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;

/**
 * A dump program's output whose end is reached only when the program has ended with exit code 0 and the output is
 * complete. Closing it ends the program.
 */
final class CheckedOutput extends InputStream {
    private final RunningProcess process;
    private final InputStream output;
    private final OutputCheck check;
    private final StopSignal stop;
    private boolean ended;

    CheckedOutput(RunningProcess process, OutputCheck check, StopSignal stop) {
        this.process = process;
        this.output = process.output();
        this.check = check;
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
        if (!end.good()) {
            JobException failure = Psql.failure(end);
            boolean general = failure.code() == FailureCode.RESTORE_FAILED || failure.code() == FailureCode.DISK_FULL;
            throw general ? new JobException(FailureCode.DUMP_FAILED, end.description()) : failure;
        }
        check.end();
    }

    @Override
    public void close() {
        process.close();
    }
}
