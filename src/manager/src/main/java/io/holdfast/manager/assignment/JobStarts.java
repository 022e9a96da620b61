package io.holdfast.manager.assignment;

import io.holdfast.format.segment.SegmentSecret;
import io.holdfast.manager.agents.AgentSkills;
import io.holdfast.manager.agents.Agents;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.BackupJobs;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.jobs.AttemptFailure;
import io.holdfast.manager.jobs.Job;
import io.holdfast.manager.jobs.JobKind;
import io.holdfast.manager.jobs.JobQueue;
import io.holdfast.manager.keys.KeyMismatchException;
import io.holdfast.manager.keys.KeyRing;
import io.holdfast.manager.keys.KeyVersion;
import io.holdfast.manager.publishing.Lending;
import io.holdfast.manager.publishing.Lent;
import io.holdfast.manager.restore.Restore;
import io.holdfast.manager.restore.Restores;
import io.holdfast.manager.store.StoreException;
import io.holdfast.manager.verification.StoredBackups;
import io.holdfast.protocol.Capability;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.NodeRole;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What happens when an agent takes a job: what its attempt needs is got ready, for a backup the instance's key, which is made
 * and put into the store if it is not there; an attempt that cannot have that ends with the reason. May be used by any
 * thread.
 */
public final class JobStarts {
    private final Backups backups;
    private final BackupJobs backupJobs;
    private final Restores restores;
    private final Agents agents;
    private final JobQueue queue;
    private final KeyRing keys;
    private final StoredBackups stored;
    private final Lending lending;

    public JobStarts(
            Backups backups,
            BackupJobs backupJobs,
            Restores restores,
            Agents agents,
            JobQueue queue,
            KeyRing keys,
            StoredBackups stored,
            Lending lending) {
        this.backups = backups;
        this.backupJobs = backupJobs;
        this.restores = restores;
        this.agents = agents;
        this.queue = queue;
        this.keys = keys;
        this.stored = stored;
        this.lending = lending;
    }

    /** A job that an agent works on from now on, with what it needs. */
    public sealed interface Started {
        Job job();

        /**
         * It makes a backup.
         *
         * @param recipients what it is encrypted to
         * @param secret by which its artifacts are cut
         * @param lent the segments that it may name; null when there are none
         */
        record ForBackup(
                Job job,
                Backup backup,
                List<String> recipients,
                SegmentSecret secret,
                @Nullable Lent lent) implements Started {}

        /**
         * It restores one.
         *
         * @param manifest the backup's, signed
         */
        record ForRestore(Job job, Restore restore, Backup backup, String manifest) implements Started {}
    }

    /**
     * Waits for a job, as {@link JobQueue#claim}, and gets it ready.
     *
     * @return empty when none came in time, or the attempt has ended at once
     */
    public Optional<Started> claim(
            Instance instance, int position, String session, @Nullable NodeRole role, Duration wait)
            throws InterruptedException {
        Optional<Job> claimed = queue.claim(instance, position, session, role, wait);
        if (claimed.isEmpty()) {
            return Optional.empty();
        }
        Job job = claimed.get();
        AgentSkills skills = agents.skills(instance.id(), position);
        if (!can(skills, instance, job)) {
            return Optional.empty();
        }
        try {
            return switch (job.kind()) {
                case BACKUP -> {
                    if (isStored(instance, job)) {
                        yield Optional.empty();
                    }
                    yield Optional.of(
                            backup(instance, job, skills.capabilities().contains(Capability.REUSE)));
                }
                case RESTORE -> Optional.of(restore(job));
            };
        } catch (StoreException e) {
            refuse(
                    instance,
                    job,
                    FailureCode.STORE_FAILED,
                    "the store could not be used for the backup's begin: " + e.getMessage(),
                    "look at the store; the job is tried again");
        } catch (KeyMismatchException e) {
            refuse(
                    instance,
                    job,
                    FailureCode.KEY_UNPROVEN,
                    String.valueOf(e.getMessage()),
                    "make a new key version with the instance's passphrase: POST /instances/{id}/keys");
        }
        return Optional.empty();
    }

    /**
     * With a catalogue that is older than the store an attempt would get the number of one that was committed, and write over
     * what that has stored.
     */
    private boolean isStored(Instance instance, Job job) {
        Backup backup = backups.ofJob(job.id());
        boolean there = stored.isThere(instance, backup);
        if (there) {
            refuse(
                    instance,
                    job,
                    FailureCode.STORE_MISMATCH,
                    "the store has backup " + backup.backupId() + " already: the catalogue is older than the store",
                    "stop all managers and bring the catalogue up to date: rebuild");
        }
        return there;
    }

    /** Leases a restore that was cut off while it replaced live data, as {@link JobQueue#resume}. */
    public Optional<Started> resume(long job, Instance instance, int position, String session, int epoch) {
        return queue.resume(job, instance, position, session, epoch).map(this::restore);
    }

    /** An agent of an older release may lack what a job asks for; the attempt ends then. */
    private boolean can(AgentSkills skills, Instance instance, Job job) {
        Set<Capability> missing = needs(job);
        missing.removeAll(skills.capabilities());
        if (!missing.isEmpty()) {
            refuse(
                    instance,
                    job,
                    FailureCode.AGENT_OUTDATED,
                    "the instance's agent, of release " + skills.version() + ", cannot do it; it lacks: "
                            + missing.stream().map(Capability::word).collect(Collectors.joining(", ")),
                    "have the manager's release deployed to the agent, then ask for it again");
        }
        return missing.isEmpty();
    }

    private Set<Capability> needs(Job job) {
        if (job.kind() == JobKind.BACKUP) {
            return EnumSet.of(Capability.BACKUP, Capability.FORMAT_2);
        }
        Set<Capability> needs = EnumSet.of(Capability.RESTORE, Capability.FORMAT_2);
        if (restores.ofJob(job.id()).skipBroken()) {
            needs.add(Capability.SKIP_BROKEN);
        }
        return needs;
    }

    private Started backup(Instance instance, Job job, boolean reuses) throws KeyMismatchException {
        Backup backup = backups.ofJob(job.id());
        KeyVersion key = keys.current(instance);
        SegmentSecret secret = keys.requireSegmentSecret(instance, key);
        List<String> recipients = keys.recipients(key);
        backupJobs.encryptTo(instance, backup, job.epoch(), key.version(), recipients);
        Lent lent = reuses
                ? lending.choose(instance, backup, job.epoch(), key.version(), recipients)
                        .orElse(null)
                : null;
        return new Started.ForBackup(job, backup, recipients, secret, lent);
    }

    private Started restore(Job job) {
        Restore restore = restores.ofJob(job.id());
        Backup backup = backups.get(restore.backup());
        return new Started.ForRestore(
                job, restore, backup, backups.manifest(backup.id()).orElseThrow());
    }

    private void refuse(Instance instance, Job job, FailureCode code, String message, String hint) {
        queue.refuse(job.id(), instance, job.epoch(), new AttemptFailure(code, message, hint));
    }
}
