package io.holdfast.manager.schedule;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A slot.
 *
 * @param slotAt the schedule's time, without the instance's share of the spread
 * @param reason why it was skipped, or null
 * @param job what it became, or null
 */
public record Slot(
        long instance,
        Instant slotAt,
        Slots.Outcome outcome,
        @Nullable String reason,
        @Nullable Long job,
        Instant createdAt) {}
