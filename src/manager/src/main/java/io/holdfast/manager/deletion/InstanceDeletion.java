package io.holdfast.manager.deletion;

import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.instance.Lives;
import io.holdfast.manager.jobs.JobQueue;

/** What happens when an instance is deleted. */
public final class InstanceDeletion {
    private final JobQueue queue;
    private final Deletion deletion;
    private final Lives lives;

    public InstanceDeletion(JobQueue queue, Deletion deletion, Lives lives) {
        this.queue = queue;
        this.deletion = deletion;
        this.lives = lives;
    }

    /**
     * Deletes an instance.
     *
     * @param withBackups whether its backups go now, or are kept for some days
     * @param cancelJobs whether its jobs are cancelled first, as far as they can be
     * @return false when a job of it has not ended, or somebody holds a backup that would go
     */
    public boolean delete(Instance instance, boolean withBackups, boolean cancelJobs) {
        if (cancelJobs) {
            queue.cancelAll(instance);
        }
        boolean deleted = withBackups ? deletion.beginWith(instance) : lives.delete(instance.id(), true);
        if (deleted && withBackups) {
            deletion.removeAll(instance);
        }
        if (deleted) {
            lives.endWithoutBackups(instance.id());
        }
        return deleted;
    }
}
