package io.holdfast.manager.backup;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * That somebody wants a backup kept.
 *
 * @param until when it ends automatically, or null for never
 */
public record Hold(
        Instant since, @Nullable Instant until, @Nullable String reason) {
    /** Whether it holds at a moment. */
    public boolean isAt(Instant now) {
        return until == null || until.isAfter(now);
    }

    /** From two columns of a row, and a reason; null when nobody holds it. */
    static @Nullable Hold of(@Nullable Instant since, @Nullable Instant until, @Nullable String reason) {
        return since == null ? null : new Hold(since, until, reason);
    }
}
