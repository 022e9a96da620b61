package io.holdfast.agent.adapter.bbr;

import io.holdfast.agent.adapter.LiveData;
import io.holdfast.agent.adapter.RestoreFiles;
import io.holdfast.agent.adapter.RestoreOrder;
import io.holdfast.agent.adapter.directory.TreeArchive;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the jobs' scripts back up and restore. */
final class BbrData implements LiveData {
    private static final String JOB_NAME = "[A-Za-z0-9][A-Za-z0-9._-]*";

    private final Scripts scripts;
    private final TreeArchive archive;

    BbrData(Scripts scripts, TreeArchive archive) {
        this.scripts = scripts;
        this.archive = archive;
    }

    @Override
    public long preflight(Manifest manifest) throws IOException, InterruptedException {
        archive.version();
        List<Job> jobs = scripts.jobs();
        long bytes = 0;
        for (Manifest.Artifact artifact : manifest.artifacts()) {
            if (!artifact.type().equals(BbrDump.TYPE) || !artifact.source().matches(JOB_NAME)) {
                throw JobException.corrupt("the backup is not one of BOSH jobs", null);
            }
            if (jobs.stream().noneMatch(job -> job.name().equals(artifact.source()) && job.has(Step.RESTORE))) {
                throw new JobException(
                        FailureCode.RESTORE_FAILED,
                        "the backup has job " + artifact.source() + ", which has no script bin/bbr/restore here",
                        "deploy it on this VM, with restores enabled in its properties");
            }
            bytes += artifact.plaintextBytes();
        }
        return bytes;
    }

    @Override
    public void stage(RestoreOrder order, RestoreFiles files) throws IOException, InterruptedException {
        for (Manifest.Artifact artifact : order.manifest().artifacts()) {
            Path folder = Files.createDirectories(Scripts.artifact(files.backup(), artifact.source()));
            try (InputStream in = order.source().open(artifact)) {
                archive.extract(in, folder);
            }
        }
    }

    @Override
    public void close(RestoreFiles files) {
        // The jobs' own scripts keep others away, while they restore.
    }

    @Override
    public void save(RestoreFiles files) throws IOException, InterruptedException {
        List<Job> jobs = scripts.jobs();
        List<Job> replaced = jobs.stream()
                .filter(job -> Files.isDirectory(Scripts.artifact(files.backup(), job.name())))
                .toList();
        scripts.backUp(jobs, replaced, files.old());
    }

    @Override
    public void replace(RestoreFiles files, Content by) throws IOException, InterruptedException {
        scripts.restore(scripts.jobs(), files.of(by));
    }

    @Override
    public void validate(RestoreFiles files) {
        // There is no script that could tell.
    }

    @Override
    public Result result(RestoreFiles files) throws IOException, InterruptedException {
        List<Job> jobs =
                scripts.jobs().stream().filter(job -> job.has(Step.BACKUP)).toList();
        return new Result(
                jobs.stream()
                        .map(Job::name)
                        .filter(name -> Files.isDirectory(Scripts.artifact(files.backup(), name)))
                        .toList(),
                jobs.stream()
                        .map(Job::name)
                        .filter(name -> !Files.isDirectory(Scripts.artifact(files.backup(), name)))
                        .toList(),
                List.of());
    }

    @Override
    public void open(RestoreFiles files, Content now) {
        scripts.unlockLeft(); // for the safety copy: what is locked for a restore is unlocked by that
    }
}
