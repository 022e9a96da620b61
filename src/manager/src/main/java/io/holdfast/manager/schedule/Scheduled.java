package io.holdfast.manager.schedule;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An instance whose backups are made by schedule: not excluded, not deleted, and an agent of it was there once.
 *
 * @param scheduledFrom slots that were to start before this do not count
 */
public record Scheduled(
        long id,
        String instanceId,
        @Nullable String scheduleCron,
        @Nullable String scheduleTimeZone,
        Instant scheduledFrom) {}
