package io.holdfast.agent.adapter.bbr;

import io.holdfast.agent.adapter.LockMark;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.attempt.Uninterruptible;
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
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the jobs' scripts. All jobs are locked, then all do their work, then all are unlocked in the reverse order: always,
 * each within its own time, also when the attempt is stopped. While they are locked for a backup, a mark says so, for an
 * agent that was killed meanwhile to unlock them at its next start. One that was killed during a restore locks them again,
 * when it puts the old data back.
 */
final class Scripts {
    private static final Logger LOG = LoggerFactory.getLogger(Scripts.class);
    private static final String JOBS = "jobs";
    private static final String AFTER_BACKUP = "BBR_AFTER_BACKUP_SCRIPTS_SUCCESSFUL";

    private final BbrConfig config;
    private final LockMark mark;
    private final ProcessRunner runner;
    private final StopSignal stop;

    Scripts(BbrConfig config, LockMark mark, ProcessRunner runner, StopSignal stop) {
        this.config = config;
        this.mark = mark;
        this.runner = runner;
        this.stop = stop;
    }

    List<Job> jobs() throws IOException, InterruptedException {
        return Jobs.find(config, runner, stop);
    }

    /** The folder of one artifact in the folder of a backup. */
    static Path artifact(Path folder, String name) {
        return folder.resolve(JOBS).resolve(name);
    }

    /** The names of the artifacts in the folder of a backup. */
    static Set<String> artifacts(Path folder) throws IOException {
        Path artifacts = folder.resolve(JOBS);
        if (!Files.isDirectory(artifacts)) {
            return Set.of();
        }
        try (Stream<Path> all = Files.list(artifacts)) {
            return all.map(path -> path.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    /**
     * Has jobs write their artifacts, each into a folder of its own.
     *
     * @param all those that are locked meanwhile
     * @param saved those that write
     */
    void backUp(List<Job> all, List<Job> saved, Path folder) throws IOException, InterruptedException {
        List<Job> order = Jobs.inOrder(all, Job::backupLockedBefore);
        unlockLeft();
        mark.add(order.stream().map(Job::name).toList());
        AtomicBoolean made = new AtomicBoolean();
        try (Closeable _ = () -> mark.unlock(names -> unlockMarked(names, made.get()))) {
            lock(order, Step.PRE_BACKUP_LOCK, FailureCode.DUMP_FAILED);
            for (Job job : saved) {
                if (job.has(Step.BACKUP)) {
                    Path artifact = Files.createDirectories(artifact(folder, job.backupArtifact()));
                    run(job, Step.BACKUP, in(artifact), config.toolTimeout(), FailureCode.DUMP_FAILED, stop);
                }
            }
            made.set(true);
        }
    }

    /** Has each job for which an artifact is in the folder take it. */
    void restore(List<Job> jobs, Path folder) throws IOException, InterruptedException {
        List<Job> order = Jobs.inOrder(jobs, Job::restoreLockedBefore);
        try (Closeable _ = () -> Uninterruptible.run(
                () -> unlock(order, Step.POST_RESTORE_UNLOCK, Map.of(), FailureCode.RESTORE_FAILED))) {
            lock(order, Step.PRE_RESTORE_LOCK, FailureCode.RESTORE_FAILED);
            Set<String> artifacts = artifacts(folder);
            for (Job job : jobs) {
                String taken = job.taken(artifacts);
                if (taken != null) {
                    run(
                            job,
                            Step.RESTORE,
                            in(artifact(folder, taken)),
                            config.toolTimeout(),
                            FailureCode.RESTORE_FAILED,
                            stop);
                }
            }
        }
    }

    /** Unlocks what an earlier attempt has left locked for a backup. */
    void unlockLeft() {
        mark.unlockLeft(names -> unlockMarked(names, false));
    }

    private void unlockMarked(List<String> names, boolean made) throws IOException, InterruptedException {
        unlock(
                Jobs.named(names, config),
                Step.POST_BACKUP_UNLOCK,
                Map.of(AFTER_BACKUP, String.valueOf(made)),
                FailureCode.DUMP_FAILED);
    }

    /** Where a script finds its artifact, by the name of today and by the one that older scripts know. */
    private static Map<String, String> in(Path artifact) {
        return Map.of("BBR_ARTIFACT_DIRECTORY", artifact + "/", "ARTIFACT_DIRECTORY", artifact + "/");
    }

    private void lock(List<Job> order, Step step, FailureCode whenItFails) throws IOException, InterruptedException {
        for (Job job : order) {
            run(job, step, Map.of(), config.lockTimeout(), whenItFails, stop);
        }
    }

    /** Tries all jobs, whatever becomes of the others. */
    private void unlock(List<Job> order, Step step, Map<String, String> environment, FailureCode whenItFails)
            throws IOException, InterruptedException {
        List<String> failures = new ArrayList<>();
        for (Job job : order.reversed()) {
            try {
                run(job, step, environment, config.lockTimeout(), whenItFails, new StopSignal());
            } catch (JobException e) {
                failures.add(String.valueOf(e.getMessage()));
            } catch (IOException e) {
                failures.add("job " + job.name() + ": " + e);
            }
        }
        if (!failures.isEmpty()) {
            JobException failure = new JobException(
                    whenItFails,
                    "jobs could not be unlocked: " + String.join("; ", failures),
                    "they may still be locked: run their scripts bin/bbr/" + step.script() + " by hand");
            LOG.warn("{}", failure.getMessage()); // nobody else says so when the attempt is not this agent's any more
            throw failure;
        }
    }

    private void run(
            Job job,
            Step step,
            Map<String, String> environment,
            Duration limit,
            FailureCode whenItFails,
            StopSignal stopping)
            throws IOException, InterruptedException {
        if (!job.has(step)) {
            return;
        }
        Command command = new Command(List.of(job.script(step).toString()), environment, limit, limit);
        ProcessEnd end = runner.runTalkative(command, stopping).end();
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
