package io.holdfast.cli.outcome;

import org.jspecify.annotations.Nullable;

/** Something that the person at the terminal has to know. Its texts are for people and hold no secrets. */
public final class Failure extends RuntimeException {
    private final ExitCode exitCode;
    private final String code;
    private final @Nullable String hint;

    /**
     * @param code a short name that scripts can look for, such as {@code NotFound}
     * @param what what happened
     * @param hint what to do, or null
     */
    public Failure(ExitCode exitCode, String code, String what, @Nullable String hint) {
        this(exitCode, code, what, hint, null);
    }

    public Failure(ExitCode exitCode, String code, String what, @Nullable String hint, @Nullable Throwable cause) {
        super(what, cause);
        this.exitCode = exitCode;
        this.code = code;
        this.hint = hint;
    }

    public ExitCode exitCode() {
        return exitCode;
    }

    public String code() {
        return code;
    }

    /** What happened. */
    public String what() {
        String message = getMessage();
        return message == null ? "" : message;
    }

    /** What to do, or null. */
    public @Nullable String hint() {
        return hint;
    }
}
