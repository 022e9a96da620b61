package io.holdfast.agent.work;

import io.holdfast.agent.attempt.Attempt;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.manager.ManagerException;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.Refusal;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides what an attempt's end by an exception is to the manager. */
final class Failures {
    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

    private static final int TOO_LARGE = 413;

    private Failures() {}

    /** What to report; empty when the job is somebody else's by now. */
    static Optional<JobFailure> report(Attempt attempt, Throwable cause, JobFailure.@Nullable LiveData liveData) {
        Set<JobException> besides = new LinkedHashSet<>();
        collectBesides(cause, besides);
        return first(attempt, cause, liveData).map(failure -> withBesides(failure, besides));
    }

    /** What failed while the attempt was brought to its end, such as the unlocking of the service. */
    private static void collectBesides(Throwable failure, Set<JobException> found) {
        for (Throwable besides : failure.getSuppressed()) {
            if (besides instanceof JobException e) {
                found.add(e);
            }
            collectBesides(besides, found);
        }
        if (failure.getCause() != null) {
            collectBesides(failure.getCause(), found);
        }
    }

    /** Adds it in words; nothing is said twice. */
    private static JobFailure withBesides(JobFailure failure, Set<JobException> besides) {
        String message = failure.message();
        String hint = failure.hint();
        for (JobException e : besides) {
            if (!message.contains(message(e))) {
                message = message + "; besides, " + message(e);
                hint = hint == null ? e.hint() : e.hint() == null ? hint : hint + "; " + e.hint();
            }
        }
        return new JobFailure(
                failure.epoch(),
                failure.code(),
                Brief.text(message),
                hint == null ? null : Brief.text(hint),
                failure.liveData());
    }

    private static Optional<JobFailure> first(
            Attempt attempt, Throwable cause, JobFailure.@Nullable LiveData liveData) {
        int epoch = attempt.id().epoch();
        StopSignal.Reason reason = attempt.stop().reason();
        if (reason != null) {
            return switch (reason) {
                case CANCELLED -> failure(epoch, FailureCode.CANCELLED, "cancelled on request", null, liveData);
                case AGENT_STOPPED ->
                    failure(epoch, FailureCode.AGENT_STOPPED, "the agent was stopped", null, liveData);
                case FENCED, LEASE_LOST -> Optional.empty();
            };
        }
        return switch (cause) {
            case JobException e -> failure(epoch, e.code(), message(e), e.hint(), liveData);
            case ManagerException e when e.is(Refusal.FENCED) -> Optional.empty();
            case ManagerException e
            when e.status() == TOO_LARGE ->
                failure(
                        epoch,
                        FailureCode.TOO_MUCH_TO_REPORT,
                        "the instance has more databases (or other parts) than one backup can list: " + message(e),
                        "spread them over several instances",
                        liveData);
            case ManagerException e
            when e.passing() ->
                failure(
                        epoch,
                        FailureCode.MANAGER_UNAVAILABLE,
                        message(e),
                        "see the manager's log, and check whether it reaches its store",
                        liveData);
            case ManagerException e -> failure(epoch, FailureCode.INTERNAL, message(e), null, liveData);
            default -> {
                LOG.error("an attempt failed with an unexpected error", cause);
                yield failure(
                        epoch,
                        FailureCode.INTERNAL,
                        "internal error: " + words(cause),
                        "see the agent's log",
                        liveData);
            }
        };
    }

    private static Optional<JobFailure> failure(
            int epoch,
            FailureCode code,
            String message,
            @Nullable String hint,
            JobFailure.@Nullable LiveData liveData) {
        return Optional.of(new JobFailure(epoch, code, message, hint, liveData));
    }

    /** An error of the machine, such as a library that cannot be loaded, says what it is; others might have data in it. */
    private static String words(Throwable cause) {
        for (Throwable each = cause; each != null; each = each.getCause()) {
            if (each instanceof Error) {
                return each.toString();
            }
        }
        return cause.getClass().getSimpleName();
    }

    static String message(Throwable cause) {
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }
}
