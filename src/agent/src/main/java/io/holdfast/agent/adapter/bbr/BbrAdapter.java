package io.holdfast.agent.adapter.bbr;

import io.holdfast.agent.adapter.Adapter;
import io.holdfast.agent.adapter.Dump;
import io.holdfast.agent.adapter.InPlaceRestore;
import io.holdfast.agent.adapter.Restore;
import io.holdfast.agent.adapter.RestoreFiles;
import io.holdfast.agent.adapter.RestoreJournal;
import io.holdfast.agent.adapter.Survey;
import io.holdfast.agent.adapter.directory.TreeArchive;
import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.config.BbrConfig;
import io.holdfast.agent.process.ProcessRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The BOSH jobs of a VM that have scripts for BOSH Backup and Restore. */
public final class BbrAdapter implements Adapter {
    private final BbrConfig config;
    private final Path workDirectory;
    private final Path artifacts;
    private final ProcessRunner runner;
    private final CrashPoints crashPoints;

    /**
     * An adapter for one VM.
     *
     * @param workDirectory for the jobs' artifacts, and for a restore's files
     */
    public BbrAdapter(BbrConfig config, Path workDirectory, ProcessRunner runner, CrashPoints crashPoints) {
        this.config = config;
        this.workDirectory = workDirectory;
        this.artifacts = workDirectory.resolve("artifacts");
        this.runner = runner;
        this.crashPoints = crashPoints;
    }

    @Override
    public String service() {
        return "bbr";
    }

    @Override
    public Survey survey() throws InterruptedException {
        List<String> warnings = new ArrayList<>();
        try {
            for (Job job : scripts(new StopSignal()).jobs()) {
                if (job.has(Step.BACKUP) && !job.has(Step.RESTORE)) {
                    warnings.add("job " + job.name() + " can be backed up, but not be restored");
                }
            }
        } catch (IOException e) {
            warnings.add(String.valueOf(e.getMessage()));
        }
        return new Survey(null, List.of(), warnings);
    }

    /** The jobs are unlocked again before the first byte is uploaded. */
    @Override
    public Dump dump(String backupId, int attempt, StopSignal stop) throws IOException, InterruptedException {
        Scripts scripts = scripts(stop);
        scripts.unlockLeft(artifacts);
        RestoreFiles.makeEmpty(artifacts);
        List<Job> jobs = scripts.jobs();
        scripts.backUp(jobs, jobs, artifacts);
        return new BbrDump(jobs, artifacts, new TreeArchive(runner, stop));
    }

    @Override
    public Restore restore(RestoreJournal journal, StopSignal stop) {
        return new InPlaceRestore(
                new BbrData(scripts(stop), new TreeArchive(runner, stop)),
                new RestoreFiles(workDirectory, journal.entry().restoreId()),
                journal,
                crashPoints);
    }

    @Override
    public void tidy() throws IOException, InterruptedException {
        if (Files.exists(artifacts)) {
            scripts(new StopSignal()).unlockLeft(artifacts);
            RestoreFiles.makeEmpty(artifacts);
        }
        RestoreFiles.removeExpired(workDirectory);
    }

    @Override
    public void close() {
        // Nothing is held open between jobs.
    }

    private Scripts scripts(StopSignal stop) {
        return new Scripts(config, runner, stop);
    }
}
