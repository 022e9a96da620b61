package io.holdfast.agent.adapter.directory;

import io.holdfast.agent.adapter.Adapter;
import io.holdfast.agent.adapter.Dump;
import io.holdfast.agent.adapter.Restore;
import io.holdfast.agent.adapter.RestoreJournal;
import io.holdfast.agent.adapter.ServiceInspection;
import io.holdfast.agent.adapter.tar.Tar;
import io.holdfast.agent.attempt.Attempt;
import io.holdfast.agent.attempt.BackupId;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.config.DirectoryConfig;
import io.holdfast.agent.process.ProcessRunner;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Hello;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A directory with all that is below it. */
public final class DirectoryAdapter implements Adapter {
    private static final Logger LOG = LoggerFactory.getLogger(DirectoryAdapter.class);

    /** How long after its rollback time a directory has been removed, even by an agent that tries only each hour. */
    private static final Duration REMOVED_BY = Duration.ofHours(2);

    private final DirectoryConfig config;
    private final Place place;
    private final Tar tar;

    public DirectoryAdapter(DirectoryConfig config, ProcessRunner runner) {
        this.config = config;
        this.place = new Place(config.path());
        this.tar = new Tar(runner);
    }

    @Override
    public String service() {
        return "directory";
    }

    @Override
    public ServiceInspection inspect() throws InterruptedException {
        List<Hello.Tool> tools = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        try {
            tools.add(new Hello.Tool("tar", tar.version(new StopSignal()), "tar", null));
            if (!Tar.isRoot()) {
                warnings.add("the agent is not root: files of other users can be neither read nor restored");
            }
            requireDirectory();
            if (Mounts.isMountPoint(config.path())) {
                warnings.add(config.path() + " is a mount point: it can be backed up, but not restored in place");
            } else if (!Mounts.within(config.path()).isEmpty()) {
                warnings.add("file systems are mounted in " + config.path()
                        + ": they are backed up, but have to be unmounted for a restore: "
                        + Mounts.within(config.path()));
            }
            for (Path stuck : place.expired(Instant.now().minus(REMOVED_BY))) {
                warnings.add(stuck + " could not be removed after its rollback time: see the agent's log");
            }
        } catch (IOException e) {
            warnings.add(e.getMessage() == null ? e.toString() : e.getMessage());
        }
        return new ServiceInspection(null, tools, warnings);
    }

    @Override
    public Dump dump(BackupId backup, Attempt attempt) throws IOException, InterruptedException {
        tar.version(attempt.stop());
        requireDirectory();
        return new DirectoryDump(config, tar, attempt.stop());
    }

    @Override
    public Restore restore(RestoreJournal journal, Attempt attempt) {
        return new DirectoryRestore(place, config.dropSetuid(), tar, journal, attempt);
    }

    @Override
    public void tidy() throws IOException, InterruptedException {
        for (Path kept : place.expired(Instant.now())) {
            if (!Mounts.within(kept).isEmpty()) {
                LOG.warn("{} stays although its rollback time is over: something is mounted in it", kept);
            } else {
                LOG.info("removing {}: its rollback time is over", kept);
                try {
                    tar.remove(kept, new StopSignal());
                } catch (JobException e) {
                    LOG.warn("{} stays although its rollback time is over: {}", kept, e.getMessage());
                }
            }
        }
    }

    @Override
    public void close() {
        // Nothing is held open between jobs.
    }

    private void requireDirectory() throws JobException {
        if (!Files.isDirectory(config.path(), LinkOption.NOFOLLOW_LINKS)) {
            throw new JobException(
                    FailureCode.SERVICE_UNREACHABLE,
                    "there is no directory " + config.path() + " (a symbolic link does not count)",
                    "check adapter.path, and that its file system is mounted");
        }
    }
}
