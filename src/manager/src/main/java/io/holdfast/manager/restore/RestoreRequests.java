package io.holdfast.manager.restore;

import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.jobs.Jobs;
import io.holdfast.manager.keys.EncryptionKeyRefused;
import io.holdfast.manager.keys.EncryptionKeys;
import io.holdfast.manager.keys.HeldIdentities;
import io.holdfast.manager.restore.RestoreRefused.Reason;
import io.holdfast.manager.transaction.Transactions;
import org.jspecify.annotations.Nullable;

/**
 * What happens when a restore is asked for, whoever asks: first, and outside of every transaction, the passphrase is tried,
 * since wrong ones are counted and right ones take their time; then, in one transaction, the backup is looked at again and
 * the restore is queued with what the passphrase has opened. May be used by any thread.
 */
public final class RestoreRequests {
    private final Transactions transactions;
    private final Backups backups;
    private final RestoreTable restores;
    private final Jobs jobs;
    private final RestoreJobs restoreJobs;
    private final EncryptionKeys keys;
    private final HeldIdentities held;

    public RestoreRequests(
            Transactions transactions,
            Backups backups,
            Restores restores,
            Jobs jobs,
            RestoreJobs restoreJobs,
            EncryptionKeys keys,
            HeldIdentities held) {
        this.transactions = transactions;
        this.backups = backups;
        this.restores = restores.table;
        this.jobs = jobs;
        this.restoreJobs = restoreJobs;
        this.keys = keys;
        this.held = held;
    }

    /** A restore that can be queued. */
    public final class Prepared {
        private final Instance instance;
        private final Backup seen;
        private final boolean skipBroken;
        private final byte @Nullable [] sealed;

        private Prepared(Instance instance, Backup seen, boolean skipBroken, byte @Nullable [] sealed) {
            this.instance = instance;
            this.seen = seen;
            this.skipBroken = skipBroken;
            this.sealed = sealed;
        }

        /**
         * Queues it, in one transaction or the caller's. Returns the restore's number.
         *
         * @throws RestoreRefused when it cannot be had
         * @throws io.holdfast.manager.jobs.InstanceGone when the instance was deleted
         */
        public long queue() {
            return transactions.transaction(instance.id(), () -> {
                requireRestorable(seen);
                // What was seen before the transaction may have changed.
                Backup backup = backups.find(instance.id(), seen.id())
                        .orElseThrow(() -> new RestoreRefused(Reason.NO_SUCH_BACKUP, "there is no such backup", null));
                requireRestorable(backup);
                if (jobs.hasOpenRestore(instance.id())) {
                    throw new RestoreRefused(
                            Reason.IN_PROGRESS,
                            "a restore of this instance is queued or running",
                            "wait until it has ended");
                }
                long restore = restoreJobs.queue(instance, backup);
                if (sealed != null) {
                    restores.keepSealed(restore, sealed);
                }
                if (skipBroken) {
                    restores.skipBroken(restore);
                }
                return restore;
            });
        }
    }

    /**
     * Gets a restore of a backup into its own instance ready. Not in a transaction of the caller's.
     *
     * @param passphrase which opens the backup where the manager alone cannot, or null
     * @param skipBroken whether parts that cannot come back are left out
     * @throws EncryptionKeyRefused when it needs another passphrase
     */
    public Prepared prepare(Instance instance, Backup backup, @Nullable String passphrase, boolean skipBroken)
            throws EncryptionKeyRefused {
        Integer version = backup.keyVersion();
        // One that cannot be restored is refused in the transaction, unless a repeated request has its answer already.
        byte[] sealed = version == null || !backup.state().isGood()
                ? null
                : keys.forRestore(instance, version, passphrase).map(held::seal).orElse(null);
        return new Prepared(instance, backup, skipBroken, sealed);
    }

    private static void requireRestorable(Backup backup) {
        if (!backup.state().isGood()) {
            throw new RestoreRefused(
                    Reason.NOT_RESTORABLE,
                    backup.state() == BackupState.SUSPECT
                            ? "verification of this backup found damage: "
                                    + backup.verification().message()
                            : "the backup is not finished, or is gone",
                    "choose a backup whose state is done or verified");
        }
    }
}
