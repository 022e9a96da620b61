package io.holdfast.manager.restore;

import io.holdfast.format.json.Json;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.jobs.JobKind;
import io.holdfast.manager.jobs.JobOrigin;
import io.holdfast.manager.jobs.JobQueue;
import io.holdfast.manager.transaction.Transactions;
import io.holdfast.protocol.RestoreResult;

/** The jobs that restore backups: how they are queued, and what their agents report. May be used by any thread. */
public final class RestoreJobs {
    private final Transactions transactions;
    private final RestoreTable restores;
    private final JobQueue queue;

    public RestoreJobs(Transactions transactions, Restores restores, JobQueue queue) {
        this.transactions = transactions;
        this.restores = restores.table;
        this.queue = queue;
    }

    /**
     * Queues a restore of a backup into its own instance. Returns the restore's number.
     *
     * @throws io.holdfast.manager.jobs.InstanceGone when the instance was deleted
     */
    public long queue(Instance instance, Backup backup) {
        return transactions.transaction(
                instance.id(),
                () -> restores.add(
                        instance.id(), backup.id(), queue.add(instance, JobKind.RESTORE, JobOrigin.REQUEST)));
    }

    /**
     * A restore is live. The same report again is fine.
     *
     * @throws io.holdfast.manager.jobs.Fenced when the attempt is not live, and has not said so before
     */
    public void done(long job, Instance instance, RestoreResult result) {
        queue.reported(
                job,
                instance,
                JobKind.RESTORE,
                result.epoch(),
                () -> restores.setResult(job, Json.mapper().writeValueAsString(result)));
    }
}
