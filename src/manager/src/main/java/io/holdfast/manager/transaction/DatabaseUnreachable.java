package io.holdfast.manager.transaction;

/** The database cannot be reached now; nothing is known of what was asked of it, and it may be asked again. */
public final class DatabaseUnreachable extends RuntimeException {
    public DatabaseUnreachable(String message, Throwable cause) {
        super(message, cause);
    }
}
