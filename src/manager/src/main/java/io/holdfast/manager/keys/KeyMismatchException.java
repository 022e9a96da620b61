package io.holdfast.manager.keys;

import org.jspecify.annotations.Nullable;

/** A key does not open what it should open. */
public final class KeyMismatchException extends Exception {
    public KeyMismatchException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
