package io.holdfast.manager.backup;

import io.holdfast.format.json.Json;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.jobs.AttemptFailure;
import io.holdfast.manager.jobs.Job;
import io.holdfast.manager.jobs.JobKind;
import io.holdfast.manager.jobs.JobOrigin;
import io.holdfast.manager.jobs.JobQueue;
import io.holdfast.manager.transaction.Transactions;
import io.holdfast.protocol.BackupResult;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/** The jobs that make backups: how they are queued, and what their agents report. May be used by any thread. */
public final class BackupJobs {
    private static final DateTimeFormatter BACKUP_TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private final Transactions transactions;
    private final BackupTable backups;
    private final JobQueue queue;
    private final RandomGenerator random;

    public BackupJobs(Transactions transactions, Backups backups, JobQueue queue, RandomGenerator random) {
        this.transactions = transactions;
        this.backups = backups.table;
        this.queue = queue;
        this.random = random;
    }

    /**
     * A backup that somebody asked for.
     *
     * @param number the backup's
     * @param added whether it was queued now; else one waited already, and another would have the same in it
     */
    public record Ordered(long number, boolean added) {}

    /**
     * Queues a backup that somebody asked for, unless one of this instance waits already.
     *
     * @throws io.holdfast.manager.jobs.InstanceGone when the instance was deleted
     */
    public Ordered queue(Instance instance) {
        return queue(instance, false);
    }

    /**
     * The same for a backup that brings all of its segments; one that waits already will too.
     *
     * @throws io.holdfast.manager.jobs.InstanceGone when the instance was deleted
     */
    public Ordered queueFresh(Instance instance) {
        return queue(instance, true);
    }

    private Ordered queue(Instance instance, boolean fresh) {
        return transactions.transaction(
                instance.id(),
                () -> queue.waitingBackup(instance)
                        .map(job -> waiting(job, fresh))
                        .orElseGet(() -> new Ordered(
                                add(instance, JobOrigin.REQUEST, fresh).number(), true)));
    }

    private Ordered waiting(long job, boolean fresh) {
        long number = backups.ofJob(job).id();
        if (fresh) {
            backups.markFresh(number);
        }
        return new Ordered(number, false);
    }

    /**
     * Queues a backup that the schedule asked for. Returns its job's number.
     *
     * @throws io.holdfast.manager.jobs.InstanceGone when the instance was deleted
     */
    public long queueScheduled(Instance instance) {
        return add(instance, JobOrigin.SCHEDULE, false).job();
    }

    private record Queued(long number, long job) {}

    private Queued add(Instance instance, JobOrigin origin, boolean fresh) {
        return transactions.transaction(instance.id(), () -> {
            byte[] suffix = new byte[4];
            random.nextBytes(suffix);
            String name = BACKUP_TIME.format(transactions.now()) + "-"
                    + HexFormat.of().formatHex(suffix);
            long job = queue.add(instance, JobKind.BACKUP, origin);
            return new Queued(backups.add(instance.id(), job, name, fresh), job);
        });
    }

    /**
     * A backup is uploaded: from here on it is the manager's to prove. The same report again is fine.
     *
     * @throws io.holdfast.manager.jobs.Fenced when the attempt is not live, and has not said so before
     */
    public void uploaded(long job, Instance instance, BackupResult result) {
        queue.reported(
                job,
                instance,
                JobKind.BACKUP,
                result.epoch(),
                () -> backups.markUploaded(
                        backups.ofJob(job).id(), Json.mapper().writeValueAsString(result)));
    }

    /** A commit found that the store does not have what the agent sent, or that the store cannot be used. */
    public void commitFailed(Job job, AttemptFailure failure) {
        transactions.transaction(job.instance(), () -> {
            // Another manager that works on the same commit may have come further: then the store had it all.
            return backups.manifest(backups.ofJob(job.id()).id()).isEmpty() && queue.commitFailed(job, failure);
        });
    }

    /**
     * Notes what a running attempt encrypts to. When that is not the same as in those before it, it uses nothing that they have
     * brought.
     *
     * @param recipients all of them
     */
    public void encryptTo(Instance instance, Backup backup, int epoch, int keyVersion, List<String> recipients) {
        String to = String.join(
                " ",
                String.valueOf(instance.life()),
                instance.custody().toString(),
                String.valueOf(keyVersion),
                recipients.stream().sorted().collect(Collectors.joining(" ")));
        backups.encryptTo(backup.id(), epoch, keyVersion, to);
    }
}
