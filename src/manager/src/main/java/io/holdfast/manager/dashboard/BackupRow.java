package io.holdfast.manager.dashboard;

import io.holdfast.format.json.Json;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.jobs.JobOrigin;
import io.holdfast.manager.jobs.JobState;
import io.holdfast.manager.restore.Restore;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.RestoreResult;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A backup as lists show it.
 *
 * @param startedAt when it began, or was asked for
 * @param added how much of its size it has brought itself
 * @param kind who asked for it, in a word
 * @param goesAt when it is going to be deleted, or null when nobody can see that
 * @param reason why it failed or is damaged, or null
 */
record BackupRow(
        long id,
        State state,
        Instant startedAt,
        @Nullable Duration took,
        @Nullable Long size,
        @Nullable Long added,
        String kind,
        boolean held,
        boolean restorable,
        boolean listed,
        @Nullable Instant goesAt,
        @Nullable Reason reason) {

    /** Why something failed, and what to do. */
    record Reason(
            String code, @Nullable String message, @Nullable String hint) {
        static @Nullable Reason of(@Nullable FailureCode code, @Nullable String message, @Nullable String hint) {
            return code == null ? null : new Reason(code.name(), message, hint);
        }

        /** The code as words. */
        String title() {
            String words = code.replace('_', ' ').toLowerCase(Locale.ROOT);
            return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
        }
    }

    /** Whether it uses objects that earlier backups have brought. */
    boolean sharing() {
        return size != null && added != null && added < size;
    }

    static BackupRow of(Backup row, @Nullable Instant goesAt, Instant now) {
        return new BackupRow(
                row.id(),
                State.of(row),
                row.job().begunAt(),
                row.job().took(),
                row.size(),
                row.addedBytes(),
                kind(row.provenance().origin()),
                row.isHeld(now),
                row.state().isGood(),
                row.state().isListed(),
                goesAt,
                row.state() == BackupState.SUSPECT
                        ? new Reason(
                                "DAMAGED", row.verification().message(), "make a new backup; keep this one until then")
                        : row.job().state() == JobState.FAILED
                                ? Reason.of(
                                        row.job().code(),
                                        row.job().message(),
                                        row.job().hint())
                                : null);
    }

    private static String kind(@Nullable JobOrigin origin) {
        return switch (origin) {
            case REQUEST -> "Request";
            case SCHEDULE -> "Schedule";
            case null -> "–";
        };
    }

    /** A restore as lists show it. */
    record RestoreRow(
            long id,
            long backup,
            State state,
            Instant startedAt,
            @Nullable Duration took,
            @Nullable String liveData,
            @Nullable Reason reason,
            List<String> notes) {
        RestoreRow {
            notes = List.copyOf(notes);
        }

        static RestoreRow of(Restore row) {
            return new RestoreRow(
                    row.id(),
                    row.backup(),
                    State.of(row),
                    row.job().begunAt(),
                    row.job().took(),
                    row.liveData() == null
                            ? null
                            : switch (row.liveData()) {
                                case UNTOUCHED -> "Live data is as it was before.";
                                case NEEDS_OPERATOR -> "Live data needs an operator: manual intervention required.";
                            },
                    row.job().state() == JobState.FAILED
                            ? Reason.of(
                                    row.job().code(),
                                    row.job().message(),
                                    row.job().hint())
                            : null,
                    notes(row));
        }

        /** What was left out first of all, where somebody has allowed that. */
        private static List<String> notes(Restore row) {
            List<String> notes = new ArrayList<>();
            if (row.skipBroken()) {
                notes.add("Asked to leave out what cannot be restored.");
            }
            if (row.result() != null) {
                notes.addAll(Json.mapper()
                        .readValue(row.result(), RestoreResult.class)
                        .notes());
            }
            return notes;
        }
    }
}
