package io.holdfast.manager.jobs;

import io.holdfast.manager.config.ManagerConfig;
import io.holdfast.manager.transaction.Transactions;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure.LiveData;
import io.holdfast.protocol.machine.Pauses;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What follows when an attempt ends without success: another one later, or the job's end. */
record AttemptEnds(
        Transactions transactions,
        JobTable jobs,
        Map<JobKind, JobSubject> subjects,
        ManagerConfig.Jobs limits,
        RandomGenerator random,
        Wakes wakes) {
    private static final Logger log = LoggerFactory.getLogger(AttemptEnds.class);
    private static final Duration LONGEST_RETRY_DELAY = Duration.ofMinutes(10);

    /**
     * Ends an attempt that an agent works on.
     *
     * @param liveData what the instance holds now; null when nobody has said so
     * @return false when the epoch was not at work any more
     */
    boolean end(
            long id, long instance, int epoch, AttemptFailure reason, boolean mayRetry, @Nullable LiveData liveData) {
        return end(id, instance, epoch, JobState.RUNNING, reason, mayRetry, liveData);
    }

    /** Ends an attempt whose commit cannot be ended. False when it is not being committed any more. */
    boolean endCommit(Job job, AttemptFailure reason) {
        return end(job.id(), job.instance(), job.epoch(), JobState.COMMITTING, reason, true, null);
    }

    private boolean end(
            long id,
            long instance,
            int epoch,
            JobState from,
            AttemptFailure reason,
            boolean mayRetry,
            @Nullable LiveData liveData) {
        Optional<JobState> state = transactions.transaction(instance, () -> {
            Job job = jobs.get(id);
            Duration delay = mayRetry && reason.code().retryable() && job.epoch() < limits.maxAttempts()
                    ? retryDelay(job.epoch())
                    : null;
            Optional<JobState> now = jobs.endAttempt(id, instance, epoch, from, reason, delay);
            now.ifPresent(to -> follow(job, to, reason.code(), liveData));
            return now;
        });
        state.ifPresent(now -> {
            log.warn("job {} attempt {}: {}: {}; now {}", id, epoch, reason.code(), reason.message(), now);
            transactions.afterCommit(() -> wakes.ended(instance));
        });
        return state.isPresent();
    }

    /** Brings what a job is for to where the job is now. */
    void follow(Job job, JobState now, @Nullable FailureCode reason, @Nullable LiveData liveData) {
        Objects.requireNonNull(subjects.get(job.kind())).attemptEnded(job, now, reason, liveData);
    }

    private Duration retryDelay(int epoch) {
        return new Pauses(limits.firstRetryDelay(), LONGEST_RETRY_DELAY).after(epoch, random);
    }
}
