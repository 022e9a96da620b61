package io.holdfast.manager.jobs;

import io.holdfast.manager.sql.Database;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What tests of other packages do to the rows of jobs. */
public final class JobRows {
    private final JobTable jobs;
    private final JobLeaseTable leases;

    public JobRows(Database database) {
        this.jobs = new JobTable(database);
        this.leases = new JobLeaseTable(database, Integer.MAX_VALUE, Duration.ofSeconds(60));
    }

    /** Adds a job that somebody asked for. */
    public long add(long instance, JobKind kind) {
        return jobs.add(instance, kind, JobOrigin.REQUEST).orElseThrow();
    }

    public boolean requestCancel(long id) {
        return jobs.requestCancel(id);
    }

    public boolean finish(long id, long instance, int epoch, JobState from) {
        return jobs.finish(id, instance, epoch, from);
    }

    public Optional<JobState> endAttempt(
            long id, long instance, int epoch, AttemptFailure reason, @Nullable Duration retryDelay) {
        return jobs.endAttempt(id, instance, epoch, JobState.RUNNING, reason, retryDelay);
    }

    /** As the instance's first agent does it, whatever its role. */
    public Optional<Job> claim(long instance, String session, Duration lease) {
        return leases.claim(new JobLeaseTable.Node(instance, 0, session, null), lease);
    }

    public List<Job> expired(Duration resumeDeadline) {
        return leases.expired(resumeDeadline);
    }
}
