package io.holdfast.manager.verification;

import io.holdfast.protocol.FailureCode;
import org.jspecify.annotations.Nullable;

/** A backup in the store is not what the catalogue says, or cannot be opened. */
public final class UnreadableBackup extends Exception {
    private final FailureCode code;

    UnreadableBackup(FailureCode code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /** {@code KEY_MISMATCH}, {@code WRONG_INSTANCE} or {@code CORRUPT}. */
    public FailureCode code() {
        return code;
    }
}
