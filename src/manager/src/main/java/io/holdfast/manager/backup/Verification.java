package io.holdfast.manager.backup;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where reading a backup back is, and what the last reading found.
 *
 * @param level what it proved, or null when there was none that ended well
 * @param message what it found, for people; null when there was none
 * @param at when it ended; null when there was none
 */
public record Verification(
        VerificationState state,
        @Nullable VerificationLevel level,
        @Nullable String message,
        @Nullable Instant at) {}
