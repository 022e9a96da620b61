package io.holdfast.manager.backup;

import io.holdfast.manager.backup.BackupJobs.Ordered;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.instance.Instances;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** What happens when somebody asks for a backup. May be used by any thread. */
public final class BackupRequests {
    private final Instances instances;
    private final BackupJobs jobs;

    public BackupRequests(Instances instances, BackupJobs jobs) {
        this.instances = instances;
        this.jobs = jobs;
    }

    /**
     * Queues a backup, unless one of this instance waits already: a second wish for it is the same wish.
     *
     * @throws io.holdfast.manager.jobs.InstanceGone when the instance was deleted
     */
    public Ordered queue(Instance instance) {
        return jobs.queue(instance);
    }

    /**
     * Queues a backup that uses nothing of an earlier one. One that waits already becomes such a backup.
     *
     * @throws io.holdfast.manager.jobs.InstanceGone when the instance was deleted
     */
    public Ordered queueFresh(Instance instance) {
        return jobs.queueFresh(instance);
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
                queued.add(new Queued(instance, jobs.queue(instance).number()));
            }
        });
        return queued;
    }
}
