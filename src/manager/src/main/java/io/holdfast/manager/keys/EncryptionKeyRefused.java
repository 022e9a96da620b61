package io.holdfast.manager.keys;

import org.jspecify.annotations.Nullable;

/** A user's passphrase cannot be used or set as wanted. Nothing has changed. */
public final class EncryptionKeyRefused extends Exception {
    /** Why. */
    public enum Reason {
        /** It breaks a rule for new ones. */
        UNUSABLE,
        /** Nothing goes on without the one that is set. */
        REQUIRED,
        /** None was set, so none is right. */
        NOT_SET,
        /** It is another one. */
        WRONG,
        /** So many were wrong that there is a pause. */
        TOO_MANY_WRONG,
        /** What cannot be taken back has to be confirmed. */
        NOT_CONFIRMED,
        /** So many key versions wait for their first backup. */
        TOO_MANY_VERSIONS,
        /** Opening it takes more memory than the manager has now. */
        TOO_LITTLE_MEMORY,
        /** Too many are worked on at once, or somebody else changed it meanwhile. */
        BUSY
    }

    private final Reason reason;
    private final @Nullable String hint;

    EncryptionKeyRefused(Reason reason, String message, @Nullable String hint) {
        super(message);
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
