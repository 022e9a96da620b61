package io.holdfast.manager.http;

import org.jspecify.annotations.Nullable;

/** An answer that says no, for the caller to read: what happened, and what to do. Never has a secret in it. */
public final class HttpError extends RuntimeException {
    private final ErrorCode code;
    private final @Nullable String hint;

    public HttpError(ErrorCode code, String description, @Nullable String hint) {
        // No stack trace: it is an answer, not a fault.
        super(description, null, false, false);
        this.code = code;
        this.hint = hint;
    }

    public HttpError(ErrorCode code, String description) {
        this(code, description, null);
    }

    /** The error's code. */
    public ErrorCode code() {
        return code;
    }

    /** What to do, or null. */
    public @Nullable String hint() {
        return hint;
    }
}
