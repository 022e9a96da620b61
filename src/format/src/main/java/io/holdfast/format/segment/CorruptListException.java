package io.holdfast.format.segment;

import java.io.IOException;

/** A list of segments that is not what its manifest says, or not one at all. */
public final class CorruptListException extends IOException {
    CorruptListException(String message) {
        super(message);
    }

    CorruptListException(String message, Throwable cause) {
        super(message, cause);
    }
}
