package io.holdfast.manager.store;

import org.jspecify.annotations.Nullable;

/** A store did not do what it was asked. The message has no credentials and no signed addresses in it. */
public final class StoreException extends RuntimeException {
    private final Kind kind;

    public StoreException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** What went wrong, as far as the caller's next step depends on it. */
    public Kind kind() {
        return kind;
    }

    /** Families of failures. */
    public enum Kind {
        /** Busy, slow, cut off, or a 5xx: repeating can help. */
        PASSING(true),
        /** The credentials or rights do not do. */
        DENIED(false),
        /** The bucket or the object is not there. */
        NOT_FOUND(false),
        /** What was sent or received is not what it should be. */
        CORRUPT(true),
        /** There is no space left. */
        FULL(false),
        /** The store understood and refused, or the configuration is wrong. */
        REFUSED(false);

        private final boolean retryable;

        Kind(boolean retryable) {
            this.retryable = retryable;
        }

        /** Whether the same call may well succeed a little later. */
        public boolean retryable() {
            return retryable;
        }
    }
}
