package io.holdfast.manager.verification;

import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.backup.Snapshot;
import io.holdfast.manager.backup.VerificationLevel;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.sql.TaskLeases;
import io.holdfast.protocol.FailureCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads finished backups back to their end, one at a time, so that damage is found long before the backup is needed. A
 * store that cannot be read says nothing about a backup: it is tried again.
 */
public final class ReadBack {
    private static final Logger log = LoggerFactory.getLogger(ReadBack.class);

    private static final String SNAPSHOT_NOT_READ =
            "; its data is a snapshot in the data service's own repository, where the agent finds it: only a restore reads it";

    /** More than there are managers, so that one finds work beside what the others read. */
    private static final int AT_ONCE = 20;

    private final Instances instances;
    private final Backups backups;
    private final Verifications verifications;
    private final StoredBackups stored;
    private final Suspicion suspicion;
    private final boolean all;
    private final TaskLeases leases;

    /**
     * Makes a reader.
     *
     * @param all whether every backup is read back, or only those that somebody asked for
     */
    public ReadBack(
            Instances instances,
            Backups backups,
            Verifications verifications,
            StoredBackups stored,
            Suspicion suspicion,
            boolean all,
            TaskLeases leases) {
        this.instances = instances;
        this.backups = backups;
        this.verifications = verifications;
        this.stored = stored;
        this.suspicion = suspicion;
        this.all = all;
        this.leases = leases;
    }

    /**
     * Reads the next backup that waits.
     *
     * @return whether there was one
     * @throws io.holdfast.manager.store.StoreException when the store could not be read; the backup waits again
     */
    public boolean next() {
        for (Backup waiting : verifications.waiting(all, AT_ONCE)) {
            String task = "verification/" + waiting.id();
            if (leases.take(task)) {
                try {
                    // Another manager may have read it since.
                    if (backups.get(waiting.id()).verification().state()
                            == waiting.verification().state()) {
                        verify(waiting);
                    }
                } finally {
                    leases.release(task);
                }
                return true;
            }
        }
        return false;
    }

    private void verify(Backup backup) {
        Instance instance = instances.get(backup.instance());
        verifications.begin(backup);
        try {
            if (backup.snapshot() == Snapshot.MISSING) {
                throw new UnreadableBackup(
                        FailureCode.CORRUPT,
                        "its data is a snapshot in the data service's own repository, and the agent does not find it there",
                        null);
            }
            VerificationLevel level = stored.readThrough(instance, backup);
            verifications.passed(
                    backup,
                    level,
                    switch (level) {
                                case DECRYPTED -> "read, decrypted and decompressed to its end";
                                case CIPHERTEXT ->
                                    "every byte is the one that was made; not decrypted, since only its user has the key";
                            }
                            + (backup.snapshot() == null ? "" : SNAPSHOT_NOT_READ));
            log.info("backup {} of {} verified: {}", backup.backupId(), instance.instanceId(), level);
        } catch (UnreadableBackup e) {
            suspicion.found(backup, e);
            log.error(
                    "backup {} of {} is damaged: {}: {}",
                    backup.backupId(),
                    instance.instanceId(),
                    e.code(),
                    e.getMessage());
        }
    }
}
