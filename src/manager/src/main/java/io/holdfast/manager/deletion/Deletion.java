package io.holdfast.manager.deletion;

import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.instance.Lives;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.StoreException;
import io.holdfast.manager.transaction.Transactions;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The only way in which a finished backup goes: marked first, then its manifest, so that it is no backup any more, then
 * its objects, then the mark of its end. Whatever is interrupted goes on from the mark.
 */
public final class Deletion {
    private static final Logger log = LoggerFactory.getLogger(Deletion.class);

    private final Transactions transactions;
    private final Instances instances;
    private final Lives lives;
    private final Backups backups;
    private final DeletionTable deletions;
    private final Store store;

    public Deletion(
            Transactions transactions,
            Instances instances,
            Lives lives,
            Backups backups,
            Deletions deletions,
            Store store) {
        this.transactions = transactions;
        this.instances = instances;
        this.lives = lives;
        this.backups = backups;
        this.deletions = deletions.table;
        this.store = store;
    }

    /**
     * Marks a backup for deletion that somebody wants to go, if it may.
     *
     * @return false when it is not finished, is held, is used by a restore, or is the instance's last good one
     */
    public boolean begin(Backup backup) {
        return deletions.beginOnRequest(backup.id());
    }

    /**
     * Marks a backup for deletion that no rule keeps, if it may go.
     *
     * @param minOthers how many other good ones have to stay
     * @param verifiedOnly whether only those that were read back are good
     * @param minAge how old it has to be
     */
    public boolean beginUnkept(Backup backup, int minOthers, boolean verifiedOnly, Duration minAge) {
        return deletions.beginOnRetention(backup.id(), minOthers, verifiedOnly, minAge);
    }

    /** Marks a backup whose instance was deleted so long ago, if nobody holds it. */
    public boolean beginAfterInstance(Backup backup, Duration kept) {
        return deletions.beginAfterInstance(backup.id(), kept);
    }

    /**
     * Marks an instance and all of its backups for deletion, the last good one too.
     *
     * @return false while a job of the instance has not ended, or a backup is held; nothing is marked then
     */
    public boolean beginWith(Instance instance) {
        return transactions.transaction(() -> {
            boolean marked = !deletions.isAnyHeld(instance.id()) && lives.delete(instance.id(), false);
            if (marked) {
                deletions.beginAll(instance.id());
            }
            return marked;
        });
    }

    /**
     * Removes all marked backups of an instance from the store. What cannot be removed now, garbage collection removes later.
     * Once none is left, the keys of the instance go too.
     */
    public void removeAll(Instance instance) {
        for (long marked : deletions.deleting(instance.id())) {
            Backup backup = backups.get(marked);
            try {
                remove(backup);
            } catch (StoreException e) {
                log.warn("backup {} could not be removed yet: {}", backup.backupId(), e.getMessage());
            }
        }
    }

    /**
     * Removes a marked backup from the store. Repeatable.
     *
     * @throws io.holdfast.manager.store.StoreException when the store fails; the mark stays
     */
    public void remove(Backup backup) {
        Instance instance = instances.get(backup.instance());
        store.delete(StoreLayout.manifest(instance.folder(), backup.backupId()));
        StoredFiles.removeAll(store, instance.folder(), backup.backupId());
        deletions.end(backup.id());
        if (instance.deletedAt() != null) {
            lives.endWithoutBackups(instance.id());
        }
        log.info("backup {} of {} deleted", backup.backupId(), instance.instanceId());
    }
}
