package io.holdfast.agent.adapter.bbr;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.config.BbrConfig;
import io.holdfast.agent.process.Command;
import io.holdfast.agent.process.ProcessEnd;
import io.holdfast.agent.process.ProcessRunner;
import io.holdfast.protocol.FailureCode;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the jobs' scripts. All jobs are locked, then all do their work, then all are unlocked in the reverse order: always,
 * each within its own time, also when the attempt is stopped. While they are locked, a file says so, for an agent that was
 * killed meanwhile to unlock them at its next start.
 */
final class Scripts {
    private static final Logger LOG = LoggerFactory.getLogger(Scripts.class);
    private static final String LOCKED = "locked";
    private static final String JOBS = "jobs";

    private final BbrConfig config;
    private final ProcessRunner runner;
    private final StopSignal stop;

    /** Work that is done while all jobs are locked. */
    interface Work {
        void run() throws IOException, InterruptedException;
    }

    Scripts(BbrConfig config, ProcessRunner runner, StopSignal stop) {
        this.config = config;
        this.runner = runner;
        this.stop = stop;
    }

    List<Job> jobs() throws IOException, InterruptedException {
        return Jobs.find(config, runner, stop);
    }

    /** The folder of one job's artifact in the folder of a backup. */
    static Path artifact(Path folder, String job) {
        return folder.resolve(JOBS).resolve(job);
    }

    /**
     * Has jobs write their artifacts, each into a folder of its own.
     *
     * @param all those that are locked meanwhile
     * @param saved those that write
     */
    void backUp(List<Job> all, List<Job> saved, Path folder) throws IOException, InterruptedException {
        List<Job> order = Jobs.inOrder(all, Job::backupLockedBefore);
        whileLocked(order, Step.PRE_BACKUP_LOCK, Step.POST_BACKUP_UNLOCK, FailureCode.DUMP_FAILED, folder, () -> {
            for (Job job : saved) {
                if (job.has(Step.BACKUP)) {
                    Path artifact = Files.createDirectories(artifact(folder, job.name()));
                    run(job, Step.BACKUP, artifact, config.toolTimeout(), FailureCode.DUMP_FAILED, stop);
                }
            }
        });
    }

    /** Has each job that has an artifact in the folder take it. */
    void restore(List<Job> jobs, Path folder) throws IOException, InterruptedException {
        List<Job> order = Jobs.inOrder(jobs, Job::restoreLockedBefore);
        whileLocked(order, Step.PRE_RESTORE_LOCK, Step.POST_RESTORE_UNLOCK, FailureCode.RESTORE_FAILED, folder, () -> {
            for (Job job : jobs) {
                Path artifact = artifact(folder, job.name());
                if (Files.isDirectory(artifact)) {
                    run(job, Step.RESTORE, artifact, config.toolTimeout(), FailureCode.RESTORE_FAILED, stop);
                }
            }
        });
    }

    /** Unlocks what a killed agent has left locked for a backup. */
    void unlockLeft(Path folder) throws IOException, InterruptedException {
        if (Files.exists(folder.resolve(LOCKED))) {
            unlock(
                    Jobs.inOrder(jobs(), Job::backupLockedBefore),
                    Step.POST_BACKUP_UNLOCK,
                    FailureCode.DUMP_FAILED,
                    folder);
        }
    }

    private void whileLocked(List<Job> order, Step lock, Step unlock, FailureCode whenItFails, Path folder, Work work)
            throws IOException, InterruptedException {
        Path locked = folder.resolve(LOCKED);
        if (!Files.exists(locked)) {
            Files.createFile(locked);
        }
        try (Locks _ = new Locks(order, unlock, whenItFails, folder)) {
            for (Job job : order) {
                run(job, lock, null, config.lockTimeout(), whenItFails, stop);
            }
            work.run();
        }
    }

    /** What was locked, or was about to be; closing it unlocks, also in an attempt that was stopped. */
    private final class Locks implements Closeable {
        private final List<Job> order;
        private final Step step;
        private final FailureCode whenItFails;
        private final Path folder;

        Locks(List<Job> order, Step step, FailureCode whenItFails, Path folder) {
            this.order = order;
            this.step = step;
            this.whenItFails = whenItFails;
            this.folder = folder;
        }

        @Override
        public void close() throws IOException {
            boolean interrupted = Thread.interrupted(); // the attempt's stop, which is not the unlocking's
            try {
                unlock(order, step, whenItFails, folder);
            } catch (InterruptedException e) {
                interrupted = true;
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }

    private void unlock(List<Job> order, Step step, FailureCode whenItFails, Path folder)
            throws IOException, InterruptedException {
        List<String> failures = new ArrayList<>();
        for (Job job : order.reversed()) {
            try {
                run(job, step, null, config.lockTimeout(), whenItFails, new StopSignal());
            } catch (JobException e) {
                failures.add(String.valueOf(e.getMessage()));
            }
        }
        if (!failures.isEmpty()) {
            LOG.warn(
                    "jobs are still locked: {}", String.join("; ", failures)); // the attempt may end for another reason
            throw new JobException(
                    whenItFails,
                    "jobs could not be unlocked: " + String.join("; ", failures),
                    "unlock them by hand: run their scripts bin/bbr/" + step.script());
        }
        Files.deleteIfExists(folder.resolve(LOCKED));
    }

    private void run(
            Job job, Step step, @Nullable Path artifact, Duration limit, FailureCode whenItFails, StopSignal stopping)
            throws IOException, InterruptedException {
        if (!job.has(step)) {
            return;
        }
        Map<String, String> environment =
                artifact == null ? Map.of() : Map.of("BBR_ARTIFACT_DIRECTORY", artifact + "/");
        Command command = new Command(List.of(job.script(step).toString()), environment, limit, limit);
        ProcessEnd end = runner.run(command, "", stopping).end();
        if (end.timedOut()) {
            throw new JobException(FailureCode.TOOL_TIMEOUT, "job " + job.name() + ": " + end.description());
        }
        if (!end.good()) {
            throw new JobException(
                    end.errors().contains("No space left on device") ? FailureCode.DISK_FULL : whenItFails,
                    "job " + job.name() + ": " + end.description());
        }
    }
}
