package io.holdfast.manager.backup;

import io.holdfast.manager.database.Backups;
import io.holdfast.manager.database.Backups.Backup;
import io.holdfast.manager.database.Database;
import io.holdfast.manager.database.Instances;
import io.holdfast.manager.database.Instances.Instance;
import io.holdfast.manager.jobs.JobQueue;
import io.holdfast.manager.jobs.JobQueue.Ordered;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** What happens when somebody asks for a backup, or to have one read back. May be used by any thread. */
public final class BackupRequests {
    private final Instances instances;
    private final Backups backups;
    private final JobQueue queue;

    public BackupRequests(Database database, JobQueue queue) {
        this.instances = new Instances(database);
        this.backups = new Backups(database);
        this.queue = queue;
    }

    /**
     * Queues a backup, unless one of this instance waits already: a second wish for it is the same wish.
     *
     * @throws io.holdfast.manager.jobs.InstanceGone when the instance was deleted
     */
    public Ordered queue(Instance instance) {
        return queue.queueBackup(instance);
    }

    /** A backup that waits now. */
    public record Queued(Instance instance, long number) {}

    /**
     * Queues a backup of everything, but of instances that are excluded.
     *
     * @param may whether the caller may have one of an instance
     */
    public List<Queued> queueAll(Predicate<Instance> may) {
        List<Queued> queued = new ArrayList<>();
        instances.each(instance -> {
            if (instance.deletedAt() == null && !instance.excluded() && may.test(instance)) {
                queued.add(new Queued(instance, queue.queueBackup(instance).number()));
            }
        });
        return queued;
    }

    /** Has a backup read back. False when it is not finished, so that there is nothing to read. */
    public boolean verify(Backup backup) {
        boolean finished = backup.state().isListed();
        if (finished) {
            backups.queueVerification(backup.id());
        }
        return finished;
    }
}
