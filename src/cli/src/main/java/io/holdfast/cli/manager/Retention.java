package io.holdfast.cli.manager;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What would be deleted now, as the API shows it. */
public record Retention(List<Verdict> backups) {
    /** Of one backup. */
    public record Verdict(
            long id,
            String state,
            @Nullable Instant madeAt,
            boolean deletedNow,
            List<Reason> keptBecause,
            @Nullable Instant expectedDeletionAt) {}

    /** Why one stays. */
    public record Reason(String reason, @Nullable String meaning) {}
}
