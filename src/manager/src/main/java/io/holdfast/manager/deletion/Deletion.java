package io.holdfast.manager.deletion;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.segment.Runs;
import io.holdfast.format.segment.SegmentName;
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
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The only way in which a finished backup goes: marked first, then its manifest, so that it is no backup any more, then
 * those of the segments it used that no other manifest uses, then the mark of its end. Whatever is interrupted goes on from
 * the mark. May be used by any thread.
 */
public final class Deletion {
    private static final Logger log = LoggerFactory.getLogger(Deletion.class);

    /** Whoever has to look at a manifest takes a while. */
    private static final Duration TRY_AGAIN = Duration.ofMinutes(10);

    private final Transactions transactions;
    private final Instances instances;
    private final Lives lives;
    private final Backups backups;
    private final DeletionTable deletions;
    private final SegmentUses uses;
    private final Store store;

    /** When removals are tried again that had to wait, by their instances. */
    private final Map<Long, Instant> tryAgain = new ConcurrentHashMap<>();

    public Deletion(
            Transactions transactions,
            Instances instances,
            Lives lives,
            Backups backups,
            Deletions deletions,
            SegmentUses uses,
            Store store) {
        this.transactions = transactions;
        this.instances = instances;
        this.lives = lives;
        this.backups = backups;
        this.deletions = deletions.table;
        this.uses = uses;
        this.store = store;
    }

    /**
     * Marks a backup for deletion that somebody wants to go, if it may.
     *
     * @return false when it is not finished, is held, is used by a restore or lent to a backup that is being made, or is the
     *     instance's last good one
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

    /** The backup that is being made and may name segments of this one, which cannot be deleted as long. */
    public Optional<String> borrower(Backup backup) {
        return deletions.borrower(backup.id());
    }

    /**
     * Removes all marked backups of an instance from the store. What cannot be removed now, garbage collection removes later.
     * Once none is left, the keys of the instance go too.
     */
    public void removeAll(Instance instance) {
        deletions.deleting(instance.id()).forEach(marked -> tryToRemove(backups.get(marked)));
    }

    /**
     * Removes a marked backup from the store if that can be done now. What cannot be removed now, garbage collection removes
     * later.
     */
    public void tryToRemove(Backup backup) {
        try {
            remove(backup);
        } catch (StoreException e) {
            log.warn("backup {} could not be removed yet: {}", backup.backupId(), e.getMessage());
        } catch (SegmentsInDoubt e) {
            logDoubt(backup, e);
        }
    }

    /**
     * Removes all marked backups from the store. Those of an instance whose segments are in doubt are tried again after a
     * while.
     */
    void removeMarked() {
        List<Long> some = deletions.deletingAfter(0);
        while (!some.isEmpty()) {
            some.forEach(marked -> removeIfDue(backups.get(marked)));
            some = deletions.deletingAfter(some.getLast());
        }
    }

    private void removeIfDue(Backup backup) {
        Instant due = tryAgain.get(backup.instance());
        if (due != null && transactions.now().isBefore(due)) {
            return;
        }
        try {
            remove(backup);
        } catch (SegmentsInDoubt e) {
            logDoubt(backup, e);
        }
    }

    private void logDoubt(Backup backup, SegmentsInDoubt why) {
        log.error(
                "backup {} is deleted, but its segments cannot be removed yet: {} (hint: if the backup is a good one, bring"
                        + " the catalogue up to date by rebuild; if somebody else put its manifest there, delete that"
                        + " object)",
                backup.backupId(),
                why.getMessage());
    }

    /**
     * Removes a marked backup from the store. Repeatable.
     *
     * @throws io.holdfast.manager.store.StoreException when the store fails; the mark stays
     * @throws SegmentsInDoubt when nobody can say which segments others use; the mark stays
     */
    public void remove(Backup backup) throws SegmentsInDoubt {
        Instance instance = instances.get(backup.instance());
        String folder = instance.folder();
        store.delete(StoreLayout.manifest(folder, backup.backupId()));
        try {
            removeSegments(folder, backup, uses.read(folder, backup.backupId()));
            tryAgain.remove(instance.id());
        } catch (SegmentsInDoubt e) {
            tryAgain.put(instance.id(), transactions.now().plus(TRY_AGAIN));
            throw e;
        }
        store.list(StoreLayout.backup(folder, backup.backupId()), each -> store.delete(each.key()));
        deletions.end(backup.id());
        if (instance.deletedAt() != null) {
            lives.endWithoutBackups(instance.id());
        }
        log.info("backup {} of {} deleted", backup.backupId(), instance.instanceId());
    }

    private void removeSegments(String folder, Backup backup, SegmentUse use) throws SegmentsInDoubt {
        Optional<Manifest> manifest;
        try {
            manifest = backups.parsedManifest(backup.id());
        } catch (IllegalStateException e) {
            throw new SegmentsInDoubt("the catalogue's own manifest of it cannot be read");
        }
        int start = StoreLayout.folder(folder).length();
        store.list(StoreLayout.segments(folder, backup.backupId()), each -> {
            if (!use.isUsed(each.key().substring(start))) {
                store.delete(each.key());
            }
        });
        manifest.ifPresent(its -> its.segments().brought().stream()
                .filter(each -> !each.backupId().equals(backup.backupId()))
                .forEach(each -> removeUnused(folder, each, use)));
    }

    /** Removes what a deleted backup had of another one. */
    private void removeUnused(String folder, Manifest.Brought brought, SegmentUse use) {
        for (Runs.Run run : brought.runs().runs()) {
            for (int number = run.first(); number <= run.last(); number++) {
                SegmentName segment = new SegmentName(brought.backupId(), brought.attempt(), number);
                if (!use.isUsed(segment)) {
                    store.delete(StoreLayout.segment(folder, segment));
                }
            }
        }
    }
}
