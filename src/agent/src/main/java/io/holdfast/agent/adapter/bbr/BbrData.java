package io.holdfast.agent.adapter.bbr;

import io.holdfast.agent.adapter.LiveData;
import io.holdfast.agent.adapter.RestoreFiles;
import io.holdfast.agent.adapter.RestoreOrder;
import io.holdfast.agent.adapter.tar.TreeArchive;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What the jobs' scripts back up and restore. */
final class BbrData implements LiveData {
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
            if (!artifact.type().equals(BbrDump.TYPE)
                    || !Jobs.NAME.matcher(artifact.source()).matches()) {
                throw JobException.corrupt("the backup is not a backup of BOSH jobs", null);
            }
            requireTaker(artifact.source(), jobs);
            bytes += artifact.plaintextBytes();
        }
        return bytes;
    }

    /** One that restores it and, for the pre-restore copy, whatever makes what that one can take back. */
    private static void requireTaker(String artifact, List<Job> jobs) throws JobException {
        Set<String> artifacts = Set.of(artifact);
        List<Job> takers =
                jobs.stream().filter(job -> job.taken(artifacts) != null).toList();
        if (takers.isEmpty()) {
            throw new JobException(
                    FailureCode.RESTORE_FAILED,
                    "the backup has artifact " + artifact + ", which no job's script bin/bbr/restore takes here",
                    "deploy job " + artifact + ", or the one with the restore_name " + artifact
                            + ", on this VM, with restores enabled in its properties");
        }
        for (Job taker : takers) {
            if (jobs.stream().noneMatch(job -> job.makes(Set.of(taker.restoreArtifact())))) {
                throw new JobException(
                        FailureCode.RESTORE_FAILED,
                        "no job here makes artifact " + taker.restoreArtifact()
                                + ", so there would be no pre-restore copy of" + " what job " + taker.name()
                                + " replaces",
                        "enable backups in the job's properties");
            }
        }
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
        Set<String> backup = Scripts.artifacts(files.backup());
        Set<String> replaced = jobs.stream()
                .filter(job -> job.taken(backup) != null)
                .map(Job::restoreArtifact)
                .collect(Collectors.toSet());
        scripts.backUp(jobs, jobs.stream().filter(job -> job.makes(replaced)).toList(), files.old());
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
        Set<String> backup = Scripts.artifacts(files.backup());
        List<Job> jobs = scripts.jobs();
        return new Result(
                jobs.stream()
                        .filter(job -> job.taken(backup) != null)
                        .map(Job::name)
                        .toList(),
                jobs.stream()
                        .filter(job -> job.has(Step.RESTORE) && job.taken(backup) == null)
                        .map(Job::name)
                        .toList(),
                List.of());
    }

    @Override
    public void open(RestoreFiles files, Content now) {
        scripts.unlockLeft(); // for the pre-restore copy: what is locked for a restore is unlocked by that
    }
}
