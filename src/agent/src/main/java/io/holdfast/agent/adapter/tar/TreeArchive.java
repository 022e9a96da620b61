package io.holdfast.agent.adapter.tar;

import io.holdfast.agent.adapter.CheckedOutput;
import io.holdfast.agent.adapter.OutputCheck;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.process.ProcessEnd;
import io.holdfast.agent.process.ProcessRunner;
import io.holdfast.agent.process.UnixUser;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;

/** Trees of files as tar streams for other adapters, with the same checks as a backup of a directory. */
public final class TreeArchive {
    private final Tar tar;
    private final StopSignal stop;

    public TreeArchive(ProcessRunner runner, StopSignal stop) {
        this(new Tar(runner), stop);
    }

    /** The same, done by the given user, to whom all belongs that is extracted. */
    public static TreeArchive by(UnixUser user, ProcessRunner runner, StopSignal stop) {
        return new TreeArchive(new Tar(runner, user), stop);
    }

    private TreeArchive(Tar tar, StopSignal stop) {
        this.tar = tar;
        this.stop = stop;
    }

    /** The version of tar; throws when there is none that will do. */
    public String version() throws IOException, InterruptedException {
        return tar.version(stop);
    }

    /** Makes an empty folder, or empties it. */
    public void makeEmpty(Path folder) throws IOException, InterruptedException {
        remove(folder);
        tar.make(folder, stop);
    }

    /** Removes a folder with all that is in it; no harm is done when it is not there. */
    public void remove(Path folder) throws IOException, InterruptedException {
        tar.remove(folder, stop);
    }

    /** A folder's content, whose end is reached only when it is whole and could be extracted again. */
    public InputStream open(Path folder) throws IOException, InterruptedException {
        return new CheckedOutput(tar.create(folder, List.of(), stop), new Check(), TreeArchive::requireGood, stop);
    }

    /**
     * Extracts a stream into an empty folder; refuses with {@code CORRUPT} what would get out of it. Nothing of it has setuid
     * or setgid afterwards.
     */
    public void extract(InputStream archive, Path folder) throws IOException, InterruptedException {
        try (CheckedTar checked = new CheckedTar(archive, TarCheck.withoutSetuid(null))) {
            tar.extract(checked, folder, false, stop);
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
