package io.holdfast.manager.backup;

import io.holdfast.format.json.Json;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.manifest.SignedManifest;
import io.holdfast.format.signed.SignedFileException;
import io.holdfast.manager.crash.CrashPoint;
import io.holdfast.manager.crash.CrashPoints;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.jobs.AttemptFailure;
import io.holdfast.manager.jobs.Job;
import io.holdfast.manager.jobs.JobQueue;
import io.holdfast.manager.jobs.JobState;
import io.holdfast.manager.jobs.Jobs;
import io.holdfast.manager.keys.KeyRing;
import io.holdfast.manager.keys.KeyVersion;
import io.holdfast.manager.keys.SigningKey;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.StoreException;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Snapshots;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns an upload into a backup: joins the parts, proves that the store has what the agent sent, writes the manifest,
 * and only then lists the backup as done.
 *
 * <p>Each step may be repeated after a crash: parts that are joined already are only looked at, and the manifest is
 * noted in the database before it is written, so that a later try writes the very same bytes. Once a manifest may be in
 * the store there is no way back but forward.
 */
public final class BackupCommit {
    private static final Logger log = LoggerFactory.getLogger(BackupCommit.class);

    private final InstantSource clock;
    private final Instances instances;
    private final Jobs jobs;
    private final BackupTable backups;
    private final SnapshotTable snapshots;
    private final UploadTable uploads;
    private final JobQueue queue;
    private final BackupJobs backupJobs;
    private final KeyRing keys;
    private final SigningKey signing;
    private final Store store;
    private final UploadProof proof;
    private final CrashPoints crashPoints;

    /** What is in the database of what it commits, and the database's clock. */
    public record Listed(
            Instances instances,
            Jobs jobs,
            Backups backups,
            BackupSnapshots snapshots,
            Uploads uploads,
            InstantSource clock) {}

    /**
     * Makes it.
     *
     * @param helpers help with the proof of a backup that has several objects
     */
    public BackupCommit(
            Listed listed,
            JobQueue queue,
            BackupJobs backupJobs,
            KeyRing keys,
            SigningKey signing,
            Store store,
            Executor helpers,
            CrashPoints crashPoints) {
        this.clock = listed.clock();
        this.instances = listed.instances();
        this.jobs = listed.jobs();
        this.backups = listed.backups().table;
        this.snapshots = listed.snapshots().table;
        this.uploads = listed.uploads().table;
        this.queue = queue;
        this.backupJobs = backupJobs;
        this.keys = keys;
        this.signing = signing;
        this.store = store;
        this.proof = new UploadProof(listed.uploads(), store, helpers);
        this.crashPoints = crashPoints;
    }

    /**
     * Commits one backup whose job is in state {@code COMMITTING}, or ends the attempt with the reason why it cannot.
     *
     * @throws StoreException when the store cannot be used now and the commit has to be tried again
     */
    public void commit(Job job) {
        if (jobs.get(job.id()).state() != JobState.COMMITTING) {
            // Another look, or another manager, was first.
            return;
        }
        Backup backup = backups.ofJob(job.id());
        Instance instance = instances.get(job.instance());
        BackupResult result =
                Json.mapper().readValue(backups.report(backup.id()).orElseThrow(), BackupResult.class);
        String manifest = backups.manifest(backup.id()).orElse(null);
        if (manifest == null) {
            try {
                proof.prove(job, result);
            } catch (UploadProof.Mismatch e) {
                backupJobs.commitFailed(
                        job,
                        new AttemptFailure(
                                FailureCode.STORE_MISMATCH,
                                String.valueOf(e.getMessage()),
                                "the store lost or changed data; if it happens again, look at the store"));
                return;
            } catch (StoreException e) {
                if (e.kind().retryable()) {
                    throw e;
                }
                backupJobs.commitFailed(
                        job,
                        new AttemptFailure(
                                FailureCode.STORE_FAILED,
                                String.valueOf(e.getMessage()),
                                "look at the store's credentials, rights and space"));
                return;
            }
            crashPoints.reached(CrashPoint.UPLOADS_COMPLETED);
            try {
                manifest = manifest(job, instance, backup, result);
            } catch (IllegalArgumentException e) {
                backupJobs.commitFailed(
                        job,
                        new AttemptFailure(
                                FailureCode.INTERNAL,
                                "no valid manifest can be made from what the agent reported: " + e.getMessage(),
                                "check that the versions of agent and manager fit together"));
                return;
            }
            Optional<String> prepared = backups.prepareManifest(backup, job.epoch(), manifest);
            if (prepared.isEmpty()) {
                // Another manager ended the attempt.
                return;
            }
            manifest = prepared.get();
            crashPoints.reached(CrashPoint.MANIFEST_PREPARED);
        }
        write(instance, backup, manifest);
        crashPoints.reached(CrashPoint.MANIFEST_WRITTEN);
        queue.finishCommit(job, () -> {
            uploads.ofAttempt(job.id(), job.epoch()).forEach(upload -> uploads.markCompleted(upload.id()));
            backups.markDone(backup.id(), size(result), result.engineVersion(), maker(job), result.notes());
            if (result.artifacts().stream().anyMatch(each -> each.type().equals(Snapshots.ARTIFACT_TYPE))) {
                snapshots.noteKept(backup.id());
            }
        });
        crashPoints.reached(CrashPoint.BACKUP_DONE);
        queue.committed(job);
        log.info(
                "job {} done: backup {} of {}, {} bytes",
                job.id(),
                backup.backupId(),
                instance.instanceId(),
                size(result));
    }

    private String manifest(Job job, Instance instance, Backup backup, BackupResult result) {
        int keyVersion = Objects.requireNonNull(backup.keyVersion());
        KeyVersion key = keys.version(instance, keyVersion);
        Manifest manifest = new Manifest(
                Manifest.FORMAT,
                instance.folder(),
                backup.backupId(),
                backups.sequence(backup.id()),
                Objects.requireNonNull(job.startedAt()),
                clock.instant(),
                instance.service(),
                result.engineVersion(),
                new Manifest.Life(instance.life(), instance.storedRevision(), instance.custody()),
                keyVersion,
                keys.recipients(key),
                artifacts(result),
                result.facts(),
                maker(job),
                result.notes());
        return new String(SignedManifest.sign(manifest, signing.pair()), StandardCharsets.UTF_8);
    }

    private Manifest.@Nullable MadeBy maker(Job job) {
        return jobs.madeBy(job.id(), job.epoch()).orElse(null);
    }

    /**
     * What an agent has reported, as the manifest will say it.
     *
     * @throws IllegalArgumentException when no manifest can say it
     */
    public static List<Manifest.Artifact> artifacts(BackupResult result) {
        return result.artifacts().stream()
                .map(artifact -> new Manifest.Artifact(
                        artifact.name(),
                        artifact.type(),
                        artifact.source(),
                        artifact.plaintextBytes(),
                        artifact.segments().stream()
                                .map(each -> new Manifest.Segment(each.bytes(), each.sha256()))
                                .toList()))
                .toList();
    }

    private void write(Instance instance, Backup backup, String manifest) {
        String object = StoreLayout.manifest(instance.folder(), backup.backupId());
        byte[] content = manifest.getBytes(StandardCharsets.UTF_8);
        if (!store.putIfAbsent(object, content)) {
            byte[] present = store.get(object).orElse(new byte[0]);
            if (!Arrays.equals(present, content)) {
                if (isAuthentic(present, instance, backup)) {
                    throw new StoreException(
                            StoreException.Kind.PASSING,
                            "there is another manifest at " + object + ", which should not be there",
                            null);
                }
                // What the store made of an earlier try, or somebody has put there; every try writes the same.
                store.put(object, content);
            }
        }
        byte[] written = store.get(object).orElse(new byte[0]);
        if (!Arrays.equals(written, content)) {
            throw new StoreException(
                    StoreException.Kind.PASSING, object + " has different content when it is read again", null);
        }
    }

    private boolean isAuthentic(byte[] file, Instance instance, Backup backup) {
        try {
            SignedManifest signed = SignedManifest.parse(file);
            signed.requireSignedBy(signing.trusted());
            return signed.manifest().instanceId().equals(instance.folder())
                    && signed.manifest().backupId().equals(backup.backupId());
        } catch (SignedFileException e) {
            return false;
        }
    }

    private static long size(BackupResult result) {
        return result.artifacts().stream()
                .flatMap(artifact -> artifact.segments().stream())
                .mapToLong(BackupResult.Segment::bytes)
                .sum();
    }
}
