package io.holdfast.cli.manager;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the manager's store is and can do. */
public record StoreView(
        String description,
        @Nullable Boolean conditionalPut,
        @Nullable Boolean checksMd5,
        @Nullable Boolean objectLock,
        @Nullable List<String> notes,
        @Nullable Compared compared) {
    /** What the last comparison of the catalogue with it found. */
    public record Compared(Instant comparedAt, long differences, long problems, List<String> messages) {}
}
