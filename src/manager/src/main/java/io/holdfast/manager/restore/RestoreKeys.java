package io.holdfast.manager.restore;

import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.crash.CrashPoint;
import io.holdfast.manager.crash.CrashPoints;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.jobs.AttemptFailure;
import io.holdfast.manager.jobs.Fenced;
import io.holdfast.manager.jobs.JobKind;
import io.holdfast.manager.jobs.JobQueue;
import io.holdfast.manager.keys.HeldIdentities;
import io.holdfast.manager.verification.StoredBackups;
import io.holdfast.manager.verification.StoredBackups.SegmentKey;
import io.holdfast.manager.verification.UnreadableBackup;
import io.holdfast.protocol.FailureCode;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What happens when an agent asks for what opens the backup that it restores: each attempt gets it once. An attempt that
 * cannot have it ends with the reason. May be used by any thread.
 */
public final class RestoreKeys {
    private final Backups backups;
    private final RestoreTable restores;
    private final JobQueue queue;
    private final HeldIdentities held;
    private final StoredBackups stored;
    private final CrashPoints crashPoints;

    public RestoreKeys(
            Backups backups,
            Restores restores,
            JobQueue queue,
            HeldIdentities held,
            StoredBackups stored,
            CrashPoints crashPoints) {
        this.backups = backups;
        this.restores = restores.table;
        this.queue = queue;
        this.held = held;
        this.stored = stored;
        this.crashPoints = crashPoints;
    }

    /**
     * Gives a live attempt the file keys of all segments.
     *
     * @throws Fenced when the attempt is not live, had them before, or has ended now because it cannot have them
     */
    public List<SegmentKey> give(Instance instance, long job, int epoch) {
        if (!queue.isLive(job, instance, epoch, JobKind.RESTORE) || !queue.takeKeys(job, instance, epoch)) {
            throw new Fenced();
        }
        crashPoints.reached(CrashPoint.FILE_KEYS_TAKEN);
        Restore restore = restores.ofJob(job);
        Backup backup = backups.get(restore.backup());
        Optional<byte[]> sealed = restores.sealed(restore.id());
        X25519Identity byPassphrase = sealed.map(held::open).orElse(null);
        if (sealed.isPresent() && byPassphrase == null) {
            throw ended(
                    instance,
                    job,
                    epoch,
                    new AttemptFailure(
                            FailureCode.KEY_LOST,
                            "the passphrase that the restore was begun with was only in memory, and that is gone: the"
                                    + " manager was started again",
                            "live data is untouched; begin the restore again with the passphrase"));
        }
        try {
            return keys(instance, backup, byPassphrase);
        } catch (UnreadableBackup e) {
            throw ended(
                    instance,
                    job,
                    epoch,
                    new AttemptFailure(
                            e.code(),
                            "backup " + backup.backupId() + ": " + e.getMessage(),
                            "live data is untouched; restore a different backup, and look at the store"));
        }
    }

    private List<SegmentKey> keys(Instance instance, Backup backup, @Nullable X25519Identity byPassphrase)
            throws UnreadableBackup {
        Manifest manifest = stored.manifest(instance, backup);
        return stored.keys(byPassphrase == null ? stored.identity(instance, manifest) : byPassphrase, manifest);
    }

    private Fenced ended(Instance instance, long job, int epoch, AttemptFailure reason) {
        queue.refuse(job, instance, epoch, reason);
        return new Fenced();
    }
}
