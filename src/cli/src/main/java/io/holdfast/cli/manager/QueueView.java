package io.holdfast.cli.manager;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The queue, as the manager tells of it. */
public record QueueView(
        @Nullable List<Pause> pauses,
        @Nullable Integer running,
        @Nullable Integer maxRunning,
        @Nullable List<Job> jobs) {

    /** What an operator has stopped. */
    public record Pause(
            @Nullable String scope,
            @Nullable String instanceId,
            @Nullable String reason,
            @Nullable Instant pausedAt) {}

    /** A job that has not ended. */
    public record Job(
            @Nullable Long id,
            @Nullable String instanceId,
            @Nullable String kind,
            @Nullable String state,
            @Nullable Long backupId,
            @Nullable Long restoreId,
            @Nullable Integer attempts,
            @Nullable String phase,
            @Nullable Instant queuedAt,
            @Nullable Instant startedAt,
            @Nullable String waitingFor) {}
}
