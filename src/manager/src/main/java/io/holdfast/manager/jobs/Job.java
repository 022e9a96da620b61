package io.holdfast.manager.jobs;

import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Phase;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A job.
 *
 * @param epoch attempts so far
 * @param code why it failed, or why the last attempt did
 */
public record Job(
        long id,
        long instance,
        JobKind kind,
        JobState state,
        int epoch,
        boolean cancelRequested,
        @Nullable Phase phase,
        @Nullable String detail,
        long bytesIn,
        long bytesOut,
        @Nullable Long estimatedBytes,
        Instant createdAt,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt,
        @Nullable FailureCode code,
        @Nullable String message,
        @Nullable String hint) {
    /** Whether it stopped, or is, while it replaces live data. */
    public boolean isReplacing() {
        return phase != null && phase.replacesLiveData();
    }

    /** When its first attempt was begun, or when it was asked for as long as none was. */
    public Instant begunAt() {
        return startedAt == null ? createdAt : startedAt;
    }

    /** How long it took; null while it has not ended, and when it ended without an attempt. */
    public @Nullable Duration took() {
        return startedAt == null || finishedAt == null ? null : Duration.between(startedAt, finishedAt);
    }
}
