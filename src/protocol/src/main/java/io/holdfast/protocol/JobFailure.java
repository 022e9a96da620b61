package io.holdfast.protocol;

import org.jspecify.annotations.Nullable;

/**
 * {@code POST /agent/v1/jobs/{id}/fail}: the attempt failed or was cancelled, and has cleaned up after itself. The
 * manager decides from the code alone whether another attempt makes sense.
 *
 * @param epoch the attempt's
 * @param code one of {@link FailureCode}'s names
 * @param message what happened, without secrets
 * @param hint what to do, or null
 * @param liveData for a restore: what the instance now holds
 */
public record JobFailure(
        int epoch,
        FailureCode code,
        String message,
        @Nullable String hint,
        @Nullable LiveData liveData) {

    /** What a restored instance holds after a failure. */
    public enum LiveData {
        /** Nothing was changed, or all was put back. */
        UNTOUCHED,
        /** The agent could not tell or could not put it back: a person has to look. */
        NEEDS_OPERATOR
    }
}
