package io.holdfast.manager.backup;

import io.holdfast.manager.database.Backups;
import io.holdfast.manager.database.Backups.Backup;
import io.holdfast.manager.database.Instances;
import io.holdfast.manager.database.Instances.Instance;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads finished backups back to their end, one at a time, so that damage is found long before the backup is needed. A
 * store that cannot be read says nothing about a backup: it is tried again.
 */
public final class ReadBack {
    private static final Logger log = LoggerFactory.getLogger(ReadBack.class);

    private final Instances instances;
    private final Backups backups;
    private final StoredBackups stored;
    private final boolean all;

    /**
     * Makes a reader.
     *
     * @param all whether every backup is read back, or only those that somebody asked for
     */
    public ReadBack(Instances instances, Backups backups, StoredBackups stored, boolean all) {
        this.instances = instances;
        this.backups = backups;
        this.stored = stored;
        this.all = all;
    }

    /**
     * Reads the next backup that waits.
     *
     * @return whether there was one
     * @throws io.holdfast.manager.store.StoreException when the store could not be read; the backup waits again
     */
    public boolean next() {
        Optional<Backup> waiting = backups.nextToVerify(all);
        waiting.ifPresent(this::verify);
        return waiting.isPresent();
    }

    private void verify(Backup backup) {
        Instance instance = instances.get(backup.instance());
        backups.beginVerification(backup.id());
        boolean told = false;
        try {
            stored.readThrough(instance, backup);
            backups.endVerification(backup.id(), true, "read back, decrypted and decompressed to its end");
            told = true;
            log.info("backup {} of {} verified", backup.backupId(), instance.instanceId());
        } catch (UnreadableBackup e) {
            backups.endVerification(backup.id(), false, e.code() + ": " + e.getMessage());
            told = true;
            log.error(
                    "backup {} of {} is damaged: {}: {}",
                    backup.backupId(),
                    instance.instanceId(),
                    e.code(),
                    e.getMessage());
        } finally {
            if (!told) {
                backups.requeueVerifications();
            }
        }
    }
}
