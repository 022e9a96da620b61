package io.holdfast.format.segment;

import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A stored segment that is not what its backup's list says, or that does not hold what it says. */
public final class CorruptSegmentException extends IOException {
    private final transient @Nullable SegmentName segment;

    CorruptSegmentException(String message) {
        super(message);
        this.segment = null;
    }

    CorruptSegmentException(String message, Throwable cause) {
        super(message, cause);
        this.segment = null;
    }

    CorruptSegmentException(String message, SegmentName segment, Throwable cause) {
        super(message, cause);
        this.segment = segment;
    }

    /** Which one it is, where whoever found it knows. */
    public Optional<SegmentName> segment() {
        return Optional.ofNullable(segment);
    }
}
