package io.holdfast.manager.dashboard;

import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.jobs.JobState;
import io.holdfast.manager.restore.Restore;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A state as it is shown: a word, and how it is coloured and marked.
 *
 * @param tone a class of the style sheet: good, warn, bad, busy or quiet
 */
record State(String word, String tone) {
    static State of(Backup row) {
        return switch (row.state()) {
            case VERIFIED -> new State("Verified", "good");
            case DONE -> new State("Done", "good");
            case SUSPECT -> new State("Damaged", "bad");
            case DELETING, DELETED -> new State("Deleted", "quiet");
            case PENDING, UPLOADED, FAILED -> of(row.job().state());
        };
    }

    static State of(Restore row) {
        return of(row.job().state());
    }

    static State of(JobState state) {
        return switch (state) {
            case QUEUED -> new State("Queued", "quiet");
            case RUNNING -> new State("Running", "busy");
            case COMMITTING -> new State("Checking", "busy");
            case DONE -> new State("Done", "good");
            case FAILED -> new State("Failed", "bad");
            case CANCELLED -> new State("Cancelled", "quiet");
        };
    }

    /**
     * How well an instance is protected.
     *
     * @param lastGood when its newest good backup was made, or null
     * @param due by when its schedule wanted a backup to be there, or null when none wants any
     * @param last how its latest backup ended, or null
     */
    static State ofInstance(
            boolean deleted,
            boolean excluded,
            Instant createdAt,
            @Nullable Instant lastGood,
            @Nullable Instant due,
            @Nullable JobState last) {
        if (deleted) {
            return new State("Deleted", "quiet");
        }
        if (lastGood == null) {
            return last == null && createdAt.isAfter(due == null ? Instant.MIN : due)
                    ? new State("No backup yet", excluded ? "quiet" : "warn")
                    : new State("Unprotected", "bad");
        }
        if (due != null && !excluded && lastGood.isBefore(due)) {
            return new State("Overdue", "warn");
        }
        if (last == JobState.FAILED) {
            return new State("Last backup failed", "warn");
        }
        return excluded ? new State("Scheduled backups disabled", "quiet") : new State("Protected", "good");
    }
}
