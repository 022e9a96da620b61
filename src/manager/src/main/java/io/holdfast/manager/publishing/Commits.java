package io.holdfast.manager.publishing;

import io.holdfast.manager.jobs.Job;
import io.holdfast.manager.jobs.Jobs;
import io.holdfast.manager.jobs.Pauses;
import io.holdfast.manager.sql.TaskLeases;
import io.holdfast.manager.store.StoreException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that every uploaded backup is committed, also after a crash or while the store is away: looks for jobs
 * that are being committed and works on each, several at once, until it has ended.
 */
public final class Commits {
    private static final Logger log = LoggerFactory.getLogger(Commits.class);

    private final Executor executor;
    private final Jobs jobs;
    private final BackupCommit commit;
    private final TaskLeases leases;
    private final Pauses pauses;
    private final int most;
    private final Set<Long> underWay = ConcurrentHashMap.newKeySet();

    /**
     * Makes it.
     *
     * @param executor runs each commit
     * @param pauses nothing is begun while the store is to be left alone
     * @param most how many are worked on at once
     */
    public Commits(Executor executor, Jobs jobs, BackupCommit commit, TaskLeases leases, Pauses pauses, int most) {
        this.executor = executor;
        this.jobs = jobs;
        this.commit = commit;
        this.leases = leases;
        this.pauses = pauses;
        this.most = most;
    }

    /** Begins what is not under way. Called when there is something new, and again and again. May be called by any thread. */
    public void begin() {
        if (underWay.size() >= most || pauses.isStorePaused()) {
            return;
        }
        for (Job job : jobs.committing()) {
            if (take(job)) {
                executor.execute(() -> attempt(job));
            }
        }
    }

    private synchronized boolean take(Job job) {
        return underWay.size() < most && underWay.add(job.id());
    }

    private void attempt(Job job) {
        String task = "commit/" + job.id();
        try {
            if (leases.take(task)) {
                try {
                    commit.commit(job);
                } finally {
                    leases.release(task);
                }
            }
        } catch (StoreException e) {
            log.warn("job {} cannot be committed now, and is retried: {}", job.id(), e.getMessage());
        } catch (RuntimeException | Error e) {
            log.error("job {} could not be committed, and is retried", job.id(), e);
        } finally {
            underWay.remove(job.id());
        }
    }
}
