package io.holdfast.manager.verification;

import io.holdfast.format.segment.SegmentName;
import io.holdfast.protocol.FailureCode;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A backup in the store is not what the catalogue says, or cannot be opened. */
public final class UnreadableBackup extends Exception {
    private final FailureCode code;
    private final transient @Nullable SegmentName segment;

    UnreadableBackup(FailureCode code, String message, @Nullable Throwable cause) {
        this(code, message, null, cause);
    }

    /**
     * One because of a segment.
     *
     * @param segment the one that is damaged or missing, or null when it is not that
     */
    UnreadableBackup(FailureCode code, String message, @Nullable SegmentName segment, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
        this.segment = segment;
    }

    /** The segment that is damaged or missing, which other backups may use too; empty when it is something else. */
    public Optional<SegmentName> segment() {
        return Optional.ofNullable(segment);
    }

    /** {@code KEY_MISMATCH}, {@code WRONG_INSTANCE} or {@code CORRUPT}. */
    public FailureCode code() {
        return code;
    }
}
