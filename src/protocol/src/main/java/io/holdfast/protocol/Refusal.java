package io.holdfast.protocol;

import org.jspecify.annotations.Nullable;

/**
 * The body of every answer with a status of 400 or more, to agents and to everybody else.
 *
 * @param error a code in CamelCase that programs can rely on
 * @param description what happened
 * @param hint what to do, or null
 */
public record Refusal(
        String error, String description, @Nullable String hint) {
    /** The attempt is not the newest of its job, or the job has ended. */
    public static final String FENCED = "Fenced";

    /** The manager has had no {@link Hello} from this session. */
    public static final String UNKNOWN_SESSION = "UnknownSession";

    /** The job has ended; there is nothing to resume. */
    public static final String JOB_ENDED = "JobEnded";
}
