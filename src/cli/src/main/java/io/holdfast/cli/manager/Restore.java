package io.holdfast.cli.manager;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A restore as the API shows it. */
public record Restore(
        long id,
        String status,
        @Nullable Metadata metadata,
        @Nullable Instant triggeredAt,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt,
        @Nullable Progress progress,
        @Nullable Reason reason,
        @Nullable String liveData,
        @Nullable Boolean skipBroken,
        @Nullable Result result) {

    /** Whether the job has come to its end. */
    public boolean ended() {
        return !status.equals("queued") && !status.equals("running");
    }

    /** Where it came from. */
    public record Metadata(@Nullable Object restoredFrom) {}

    /** What was done: names of things, and sentences. */
    public record Result(
            @Nullable List<String> restored,
            @Nullable List<String> leftAlone,
            @Nullable List<String> kept,
            @Nullable List<String> notes) {}
}
