package io.holdfast.agent.work;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.manager.ManagerException;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.Refusal;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides what an attempt's end by an exception is to the manager. */
final class Failures {
    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

    private Failures() {}

    /** What to report; empty when the job is somebody else's by now. */
    static Optional<JobFailure> report(
            int epoch, StopSignal stop, Throwable cause, JobFailure.@Nullable LiveData liveData) {
        StopSignal.Reason reason = stop.reason();
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
            case ManagerException e -> failure(epoch, FailureCode.INTERNAL, message(e), null, liveData);
            default -> {
                LOG.error("an attempt failed in a way that nobody thought of", cause);
                yield failure(
                        epoch,
                        FailureCode.INTERNAL,
                        "internal error: " + cause.getClass().getSimpleName(),
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

    static String message(Throwable cause) {
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }
}
