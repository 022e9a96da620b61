package io.holdfast.manager.restore;

import org.jspecify.annotations.Nullable;

/** A restore cannot be had as it was asked for. Nothing has changed. */
public final class RestoreRefused extends RuntimeException {
    /** Why. */
    public enum Reason {
        /** There is no such backup any more. */
        NO_SUCH_BACKUP,
        /** The backup is not finished, is gone, or is damaged. */
        NOT_RESTORABLE,
        /** A restore of the instance has not ended. */
        IN_PROGRESS
    }

    private final Reason reason;
    private final @Nullable String hint;

    RestoreRefused(Reason reason, String message, @Nullable String hint) {
        super(message, null, false, false);
        this.reason = reason;
        this.hint = hint;
    }

    /** Why. */
    public Reason reason() {
        return reason;
    }

    /** What to do, or null. */
    public @Nullable String hint() {
        return hint;
    }
}
