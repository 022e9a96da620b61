package io.holdfast.manager.api;

import io.holdfast.manager.config.ManagerConfig;
import io.holdfast.manager.database.Backups;
import io.holdfast.manager.database.Backups.Backup;
import io.holdfast.manager.database.Instances.Instance;
import io.holdfast.manager.database.Jobs.Job;
import io.holdfast.manager.database.Jobs.Kind;
import io.holdfast.manager.database.KeyVersions.KeyVersion;
import io.holdfast.manager.database.Restores;
import io.holdfast.manager.keys.KeyMismatchException;
import io.holdfast.manager.keys.KeyRing;
import io.holdfast.protocol.Assignment;
import io.holdfast.protocol.Capability;
import java.util.EnumSet;
import java.util.Set;

/** What agents are told of a job that they get. */
final class Assignments {
    private final Backups backups;
    private final Restores restores;
    private final KeyRing keys;
    private final Transfers transfers;
    private final ManagerConfig.Jobs limits;

    Assignments(Backups backups, Restores restores, KeyRing keys, Transfers transfers, ManagerConfig.Jobs limits) {
        this.backups = backups;
        this.restores = restores;
        this.keys = keys;
        this.transfers = transfers;
        this.limits = limits;
    }

    /** What an agent has to be able to do for a job. */
    Set<Capability> needs(Job job) {
        if (job.kind() == Kind.BACKUP) {
            return EnumSet.of(Capability.BACKUP);
        }
        Set<Capability> needs = EnumSet.of(Capability.RESTORE, Capability.FORMAT_1);
        if (restores.ofJob(job.id()).skipBroken()) {
            needs.add(Capability.SKIP_BROKEN);
        }
        return needs;
    }

    /** Makes the assignment, and the instance's key if it has none yet. */
    Assignment of(Instance instance, Job job) throws KeyMismatchException {
        int leaseSeconds = Math.toIntExact(limits.lease().toSeconds());
        if (job.kind() == Kind.RESTORE) {
            Restores.Restore restore = restores.ofJob(job.id());
            Backup backup = backups.get(restore.backup());
            return new Assignment.Restore(
                    job.id(),
                    job.epoch(),
                    leaseSeconds,
                    restore.id(),
                    backup.backupId(),
                    backups.manifest(backup.id()).orElseThrow(),
                    limits.rollbackHours(),
                    restore.skipBroken() ? true : null);
        }
        Backup backup = backups.ofJob(job.id());
        KeyVersion key = keys.current(instance);
        backups.setKeyVersion(backup.id(), key.version());
        return new Assignment.Backup(
                job.id(),
                job.epoch(),
                leaseSeconds,
                backup.backupId(),
                keys.recipients(key),
                transfers.maxSegmentBytes(limits.maxSegmentBytes()));
    }
}
