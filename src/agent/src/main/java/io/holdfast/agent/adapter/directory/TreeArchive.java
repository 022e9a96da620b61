package io.holdfast.agent.adapter.directory;

import io.holdfast.agent.adapter.CheckedOutput;
import io.holdfast.agent.adapter.OutputCheck;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.process.ProcessEnd;
import io.holdfast.agent.process.ProcessRunner;
import io.holdfast.agent.process.RunningProcess;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;

/** Trees of files as tar streams for other adapters, with the same checks as a backup of a directory. */
public final class TreeArchive {
    private final Tar tar;
    private final StopSignal stop;

    public TreeArchive(ProcessRunner runner, StopSignal stop) {
        this.tar = new Tar(runner);
        this.stop = stop;
    }

    /** A folder's content, whose end is reached only when it is whole and could be extracted again. */
    public InputStream open(Path folder) throws IOException, InterruptedException {
        return new CheckedOutput(tar.create(folder, List.of(), stop), new Check(), TreeArchive::requireGood, stop);
    }

    /** Extracts a stream into an empty folder; refuses with {@code CORRUPT} what would get out of it. */
    public void extract(InputStream archive, Path folder) throws IOException, InterruptedException {
        try (InputStream checked = new CheckedTar(archive, new TarCheck(null));
                RunningProcess process = tar.extract(folder, stop)) {
            boolean whole = process.feed(checked);
            process.output().transferTo(OutputStream.nullOutputStream());
            ProcessEnd end = process.await();
            stop.check();
            if (!end.good()) {
                throw Tar.failure(end, FailureCode.RESTORE_FAILED);
            }
            if (!whole) {
                checked.transferTo(OutputStream.nullOutputStream());
            }
        } catch (TarException e) {
            throw JobException.corrupt("the backup's tar stream is refused: " + e.getMessage(), e);
        }
    }

    private static void requireGood(ProcessEnd end) throws JobException {
        if (!end.good()) {
            throw Tar.failure(end, FailureCode.DUMP_FAILED);
        }
    }

    private static final class Check implements OutputCheck {
        private final TarCheck check = new TarCheck(null);

        @Override
        public void accept(byte[] bytes, int offset, int length) throws JobException {
            try {
                check.accept(bytes, offset, length);
            } catch (TarException e) {
                throw new JobException(FailureCode.DUMP_FAILED, "this cannot be restored: " + e.getMessage());
            }
        }

        @Override
        public void end() throws JobException {
            try {
                check.end();
            } catch (TarException e) {
                throw new JobException(FailureCode.INCOMPLETE_DUMP, String.valueOf(e.getMessage()));
            }
        }
    }
}
