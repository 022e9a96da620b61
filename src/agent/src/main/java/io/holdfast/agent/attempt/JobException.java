package io.holdfast.agent.attempt;

import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * An attempt failed for a reason that a person can be told. An {@link IOException}, so that it passes through streams
 * unchanged. Messages hold no secrets.
 */
public final class JobException extends IOException {
    private static final long serialVersionUID = 1L;

    private final FailureCode code;
    private final @Nullable String hint;

    public JobException(FailureCode code, String message, @Nullable String hint, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
        this.hint = hint;
    }

    public JobException(FailureCode code, String message, @Nullable String hint) {
        this(code, message, hint, null);
    }

    public JobException(FailureCode code, String message) {
        this(code, message, null, null);
    }

    /** The backup is not as it was made. */
    public static JobException corrupt(String message, @Nullable Throwable cause) {
        return new JobException(
                FailureCode.CORRUPT,
                message,
                "restore a different backup, and run 'holdfast verify' on this one",
                cause);
    }

    public FailureCode code() {
        return code;
    }

    /** What to do about it, or null. */
    public @Nullable String hint() {
        return hint;
    }
}
