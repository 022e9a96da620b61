package io.holdfast.manager.verification;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.segment.SegmentName;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.backup.Replacement;
import io.holdfast.manager.backup.Snapshot;
import io.holdfast.manager.backup.VerificationLevel;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.sql.TaskLeases;
import io.holdfast.protocol.FailureCode;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
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
    private final Healing healing;
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
            RecentLists lists,
            boolean all,
            TaskLeases leases) {
        this.instances = instances;
        this.backups = backups;
        this.verifications = verifications;
        this.stored = stored;
        this.suspicion = suspicion;
        this.healing = new Healing(backups, lists, stored);
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
                            + replaced(instance, backup)
                            + (backup.snapshot() == null ? "" : SNAPSHOT_NOT_READ));
            log.info("backup {} of {} verified: {}", backup.backupId(), instance.instanceId(), level);
            if (backups.isFresh(backup.id())) {
                // It may have again what is damaged in others.
                verifySuspects(instance);
            }
        } catch (UnreadableBackup e) {
            suspicion.found(backup, e);
            log.error(
                    "backup {} of {} is damaged: {}: {}",
                    backup.backupId(),
                    instance.instanceId(),
                    e.code(),
                    e.getMessage());
            if (e.segment().isPresent()
                    && healing.heal(instance, backup, e.segment().get())) {
                verifySuspects(instance);
            }
        }
    }

    private void verifySuspects(Instance instance) {
        backups.ages(instance.id()).stream()
                .filter(each -> each.state() == BackupState.SUSPECT)
                .forEach(each -> verifications.request(each.id()));
    }

    /** Which of its objects are not read any more, in words. */
    private String replaced(Instance instance, Backup backup) {
        Map<SegmentName, Replacement> replaced = backups.replacements().of(instance.folder());
        if (replaced.isEmpty()) {
            return "";
        }
        Manifest manifest = backups.parsedManifest(backup.id()).orElseThrow();
        List<Replacement> its = replaced.values().stream()
                .filter(each -> manifest.uses(each.lost()))
                .sorted(Comparator.comparing(each -> each.lost().path()))
                .toList();
        return its.isEmpty()
                ? ""
                : "; " + its.size()
                        + " of its objects are damaged or lost, and are read from others of the same content: "
                        + its.getFirst().lost().path() + " from backup "
                        + its.getFirst().foundIn() + (its.size() == 1 ? "" : " and so on");
    }
}
