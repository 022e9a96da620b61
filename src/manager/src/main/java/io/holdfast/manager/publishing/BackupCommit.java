package io.holdfast.manager.publishing;

import io.holdfast.format.json.Json;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.manifest.SignedManifest;
import io.holdfast.format.segment.SegmentList;
import io.holdfast.format.segment.SegmentListReader;
import io.holdfast.format.segment.SegmentName;
import io.holdfast.format.signed.SignedFileException;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.BackupJobs;
import io.holdfast.manager.backup.BackupSnapshots;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.backup.NotedManifest;
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
import io.holdfast.manager.keys.SigningKey;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.StoreException;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Snapshots;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns an upload into a backup: proves that the store has what the agent sent, writes the list of the segments and the
 * manifest, and only then lists the backup as done.
 *
 * <p>Each step may be repeated after a crash: the manifest is noted in the database before anything is written, so that a
 * later try writes the very same bytes. Once a manifest may be in
 * the store there is no way back but forward.
 */
public final class BackupCommit {
    private static final Logger log = LoggerFactory.getLogger(BackupCommit.class);

    private final Instances instances;
    private final Jobs jobs;
    private final Backups backups;
    private final BackupSnapshots snapshots;
    private final AttemptSegments segments;
    private final JobQueue queue;
    private final BackupJobs backupJobs;
    private final SigningKey signing;
    private final Store store;
    private final SegmentProof proof;
    private final Damage damage;
    private final ManifestDrafts drafts;
    private final CrashPoints crashPoints;

    /** What is in the database of what it commits, and the database's clock. */
    public record Listed(
            Instances instances,
            Jobs jobs,
            Backups backups,
            BackupSnapshots snapshots,
            AttemptSegments segments,
            InstantSource clock) {}

    /**
     * How it is looked whether all is stored.
     *
     * @param checksMd5 whether the store is known to take nothing with another MD5 than its address was signed for
     * @param helpers help where a backup has several objects
     * @param random says which borrowed objects are read
     * @param damage hears of borrowed objects that are not as they were
     */
    public record Proving(BooleanSupplier checksMd5, Executor helpers, RandomGenerator random, Damage damage) {}

    /** Hears that an object in the store is damaged, or not there. */
    public interface Damage {
        void found(Instance instance, SegmentName object, String what);
    }

    public BackupCommit(
            Listed listed,
            JobQueue queue,
            BackupJobs backupJobs,
            KeyRing keys,
            SigningKey signing,
            Store store,
            Proving proving,
            CrashPoints crashPoints) {
        this.instances = listed.instances();
        this.jobs = listed.jobs();
        this.backups = listed.backups();
        this.snapshots = listed.snapshots();
        this.segments = listed.segments();
        this.queue = queue;
        this.backupJobs = backupJobs;
        this.signing = signing;
        this.store = store;
        this.proof =
                new SegmentProof(listed.segments(), store, proving.checksMd5(), proving.helpers(), proving.random());
        this.damage = proving.damage();
        this.drafts = new ManifestDrafts(listed, keys, signing);
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
            Optional<String> prepared = prepare(job, instance, backup, result);
            if (prepared.isEmpty()) {
                return;
            }
            manifest = prepared.get();
            crashPoints.reached(CrashPoint.MANIFEST_PREPARED);
        }
        Manifest prepared = NotedManifest.parse(manifest);
        requireNoOther(instance, backup, manifest);
        writeList(job, instance, backup, result, prepared.segments().list());
        crashPoints.reached(CrashPoint.LIST_WRITTEN);
        write(instance, backup, manifest);
        crashPoints.reached(CrashPoint.MANIFEST_WRITTEN);
        queue.finishCommit(job, () -> {
            backups.markDone(backup.id(), prepared);
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
                prepared.storedBytes());
    }

    /** Proves what was sent, and notes the manifest. Empty when the attempt has ended, here or by another manager. */
    private Optional<String> prepare(Job job, Instance instance, Backup backup, BackupResult result) {
        try {
            long bytes = proof.prove(instance.folder(), backup.backupId(), job.id(), result);
            crashPoints.reached(CrashPoint.SEGMENTS_PROVEN);
            String manifest;
            try (BackupList list = list(job, backup, result)) {
                manifest = drafts.sign(job, instance, backup, result, list.list(), bytes);
            }
            if (!backups.isLenderGood(backup.id())) {
                throw new SegmentProof.Mismatch("the backup that segments were borrowed from is not good any more");
            }
            return backups.prepareManifest(backup, job.epoch(), manifest);
        } catch (SegmentProof.Mismatch e) {
            // Whatever was wrong: the next attempt brings everything.
            backups.markFresh(backup.id());
            backups.useNoneBefore(backup.id(), job.epoch() + 1);
            backupJobs.commitFailed(
                    job,
                    new AttemptFailure(
                            FailureCode.STORE_MISMATCH,
                            String.valueOf(e.getMessage()),
                            "the store lost or changed data; if it happens again, look at the store"));
            if (e.lent() != null) {
                damage.found(instance, e.lent(), String.valueOf(e.getMessage()));
            }
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
        } catch (IllegalArgumentException e) {
            backupJobs.commitFailed(
                    job,
                    new AttemptFailure(
                            FailureCode.INTERNAL,
                            "no valid manifest can be made from what the agent reported: " + e.getMessage(),
                            "check that the versions of agent and manager fit together"));
        }
        return Optional.empty();
    }

    private BackupList list(Job job, Backup backup, BackupResult result) throws SegmentProof.Mismatch {
        return BackupList.write(segments, job.id(), backup.backupId(), result);
    }

    /**
     * Demands that a manifest can say what an agent has reported.
     *
     * @throws IllegalArgumentException when none can
     */
    public static void requireSayable(BackupResult result) {
        if (result.artifacts().isEmpty()) {
            throw new IllegalArgumentException("a backup has at least one");
        }
        ManifestDrafts.artifacts(result, Map.of());
    }

    private void writeList(Job job, Instance instance, Backup backup, BackupResult result, SegmentList expected) {
        String object = StoreLayout.list(instance.folder(), backup.backupId());
        try (BackupList list = list(job, backup, result)) {
            if (!list.list().equals(expected)) {
                // Another manager has committed it, and what it was made of is gone.
                throw new StoreException(
                        StoreException.Kind.PASSING,
                        "the list of " + backup.backupId() + " cannot be made again",
                        null);
            }
            store.put(object, list.file());
        } catch (SegmentProof.Mismatch e) {
            throw new IllegalStateException("what a noted manifest was made of has changed", e);
        }
        try (InputStream in = new BufferedInputStream(store.read(object, 0, expected.bytes()))) {
            SegmentListReader reader = new SegmentListReader(in, expected);
            while (reader.next() != null) {
                // Each line is looked at, and the hash of all at the end.
            }
        } catch (IOException e) {
            throw new StoreException(
                    StoreException.Kind.PASSING, object + " has different content when it is read again", e);
        }
    }

    private void write(Instance instance, Backup backup, String manifest) {
        String object = StoreLayout.manifest(instance.folder(), backup.backupId());
        byte[] content = manifest.getBytes(StandardCharsets.UTF_8);
        if (!store.putIfAbsent(object, content)) {
            byte[] present = store.get(object).orElse(new byte[0]);
            if (!Arrays.equals(present, content)) {
                requireNotAuthentic(object, present, instance, backup);
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

    /**
     * Sees to it that no list is replaced which an authentic manifest speaks for: with a catalogue that is older than the store,
     * the backup may have been committed before.
     */
    private void requireNoOther(Instance instance, Backup backup, String manifest) {
        String object = StoreLayout.manifest(instance.folder(), backup.backupId());
        byte[] present = store.get(object).orElse(new byte[0]);
        if (!Arrays.equals(present, manifest.getBytes(StandardCharsets.UTF_8))) {
            requireNotAuthentic(object, present, instance, backup);
        }
    }

    private void requireNotAuthentic(String object, byte[] present, Instance instance, Backup backup) {
        if (isAuthentic(present, instance, backup)) {
            throw new StoreException(
                    StoreException.Kind.PASSING,
                    "there is another manifest at " + object + ", which should not be there"
                            + " (hint: a catalogue that is older than the store is brought up to date by rebuild)",
                    null);
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
}
