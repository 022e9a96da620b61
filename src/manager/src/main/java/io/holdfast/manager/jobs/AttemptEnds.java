package io.holdfast.manager.jobs;

import io.holdfast.manager.config.ManagerConfig;
import io.holdfast.manager.database.Backups;
import io.holdfast.manager.database.Database;
import io.holdfast.manager.database.Jobs;
import io.holdfast.manager.database.Jobs.Job;
import io.holdfast.manager.database.Jobs.Kind;
import io.holdfast.manager.database.Jobs.Reason;
import io.holdfast.protocol.machine.Pauses;
import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What follows when an attempt ends without success: another one later, or the job's end. */
record AttemptEnds(
        Database database, Jobs jobs, Backups backups, ManagerConfig.Jobs limits, RandomGenerator random, Wakes wakes) {
    private static final Logger log = LoggerFactory.getLogger(AttemptEnds.class);
    private static final Duration LONGEST_RETRY_DELAY = Duration.ofMinutes(10);

    /**
     * Ends an attempt.
     *
     * @param from where the job must be
     * @return the job's state now, or empty when the epoch was not in state {@code from}
     */
    Optional<Jobs.State> end(long id, long instance, int epoch, Jobs.State from, Reason reason, boolean mayRetry) {
        Optional<Jobs.State> state = database.transaction(instance, () -> {
            Job job = jobs.get(id);
            Duration delay = mayRetry && reason.code().retryable() && job.epoch() < limits.maxAttempts()
                    ? retryDelay(job.epoch())
                    : null;
            Optional<Jobs.State> now = jobs.endAttempt(id, instance, epoch, from, reason, delay);
            now.ifPresent(to -> followBackup(job, to));
            return now;
        });
        state.ifPresent(now -> {
            log.warn("job {} attempt {}: {}: {}; now {}", id, epoch, reason.code(), reason.message(), now);
            database.afterCommit(() -> wakes.ended(instance));
        });
        return state;
    }

    /** Brings a backup to where its job is now. */
    void followBackup(Job job, Jobs.State now) {
        if (job.kind() == Kind.BACKUP) {
            long backup = backups.ofJob(job.id()).id();
            if (now == Jobs.State.QUEUED) {
                backups.markPending(backup);
            } else {
                backups.markFailed(backup);
            }
        }
    }

    private Duration retryDelay(int epoch) {
        return new Pauses(limits.firstRetryDelay(), LONGEST_RETRY_DELAY).after(epoch, random);
    }
}
