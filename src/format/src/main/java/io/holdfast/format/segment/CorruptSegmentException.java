package io.holdfast.format.segment;

import java.io.IOException;

/** A stored segment that is not what its backup's list says, or that does not hold what it says. */
public final class CorruptSegmentException extends IOException {
    CorruptSegmentException(String message) {
        super(message);
    }

    CorruptSegmentException(String message, Throwable cause) {
        super(message, cause);
    }
}
