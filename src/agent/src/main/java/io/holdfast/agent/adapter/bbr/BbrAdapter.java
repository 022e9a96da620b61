package io.holdfast.agent.adapter.bbr;

import io.holdfast.agent.adapter.Adapter;
import io.holdfast.agent.adapter.Dump;
import io.holdfast.agent.adapter.InPlaceRestore;
import io.holdfast.agent.adapter.LockMark;
import io.holdfast.agent.adapter.Locking;
import io.holdfast.agent.adapter.Restore;
import io.holdfast.agent.adapter.RestoreFiles;
import io.holdfast.agent.adapter.RestoreJournal;
import io.holdfast.agent.adapter.ServiceInspection;
import io.holdfast.agent.adapter.tar.TreeArchive;
import io.holdfast.agent.attempt.Attempt;
import io.holdfast.agent.attempt.BackupId;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.config.BbrConfig;
import io.holdfast.agent.process.ProcessRunner;
import io.holdfast.protocol.Hello;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The BOSH jobs of a VM that have scripts for BOSH Backup and Restore. */
public final class BbrAdapter implements Adapter, Locking {
    private final BbrConfig config;
    private final Path workDirectory;
    private final Path artifacts;
    private final LockMark mark;
    private final ProcessRunner runner;

    /**
     * An adapter for one VM.
     *
     * @param workDirectory for the jobs' artifacts, and for a restore's files
     */
    public BbrAdapter(BbrConfig config, Path workDirectory, ProcessRunner runner) {
        this.config = config;
        this.workDirectory = workDirectory;
        this.artifacts = workDirectory.resolve("artifacts");
        this.mark = new LockMark(workDirectory);
        this.runner = runner;
    }

    @Override
    public String service() {
        return "bbr";
    }

    @Override
    public ServiceInspection inspect() throws InterruptedException {
        List<Hello.Tool> tools = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        if (mark.isSet()) {
            warnings.add("jobs may still be locked for a backup: their scripts bin/bbr/post-backup-unlock have failed,"
                    + " see the agent's log");
        }
        StopSignal stop = new StopSignal();
        try {
            tools.add(new Hello.Tool("tar", new TreeArchive(runner, stop).version(), "tar", null));
            List<Job> jobs = scripts(stop).jobs();
            for (Job job : jobs) {
                if (job.has(Step.BACKUP)
                        && jobs.stream().noneMatch(other -> other.taken(Set.of(job.backupArtifact())) != null)) {
                    warnings.add("job " + job.name() + " can be backed up, but not restored");
                }
                if (job.has(Step.RESTORE)
                        && jobs.stream().noneMatch(other -> other.makes(Set.of(job.restoreArtifact())))) {
                    warnings.add("job " + job.name() + " restores artifact " + job.restoreArtifact()
                            + ", which no job here makes");
                }
            }
        } catch (IOException e) {
            warnings.add(String.valueOf(e.getMessage()));
        }
        return new ServiceInspection(null, tools, warnings);
    }

    /** The jobs are unlocked again before the first byte is uploaded. */
    @Override
    public Dump dump(BackupId backup, Attempt attempt) throws IOException, InterruptedException {
        TreeArchive archive = new TreeArchive(runner, attempt.stop());
        archive.version();
        Scripts scripts = scripts(attempt.stop());
        List<Job> jobs = scripts.jobs();
        RestoreFiles.makeEmpty(artifacts);
        scripts.backUp(jobs, jobs, artifacts);
        return new BbrDump(jobs, artifacts, archive);
    }

    @Override
    public Restore restore(RestoreJournal journal, Attempt attempt) {
        return new InPlaceRestore(
                new BbrData(scripts(attempt.stop()), new TreeArchive(runner, attempt.stop())),
                new RestoreFiles(workDirectory, journal.entry().restore()),
                journal,
                attempt);
    }

    @Override
    public void unlockLeft() {
        scripts(new StopSignal()).unlockLeft();
    }

    @Override
    public void tidy() throws IOException {
        unlockLeft();
        if (Files.exists(artifacts)) {
            RestoreFiles.makeEmpty(artifacts);
        }
        RestoreFiles.removeExpired(workDirectory);
    }

    @Override
    public void close() {
        // Nothing is held open between jobs.
    }

    private Scripts scripts(StopSignal stop) {
        return new Scripts(config, mark, runner, stop);
    }
}
