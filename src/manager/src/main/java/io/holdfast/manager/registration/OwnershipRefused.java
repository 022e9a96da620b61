package io.holdfast.manager.registration;

import org.jspecify.annotations.Nullable;

/** Somebody may not have an instance. Nothing has changed. */
public final class OwnershipRefused extends RuntimeException {
    /** Why. */
    public enum Reason {
        /** The broker has other ids. */
        OTHER_IDS,
        /** The instance is another's. */
        TAKEN,
        /** No operator and no broker has this name. */
        UNKNOWN_OWNER
    }

    private final Reason reason;
    private final @Nullable String hint;

    OwnershipRefused(Reason reason, String message, @Nullable String hint) {
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
