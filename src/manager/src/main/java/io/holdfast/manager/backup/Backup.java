package io.holdfast.manager.backup;

import io.holdfast.format.json.Json;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.manager.jobs.JobOrigin;
import io.holdfast.manager.jobs.JobState;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Phase;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A backup with its job, without what may be large: its manifest, and what its agent reported.
 *
 * @param id its number in the API
 * @param backupId its name in the store
 * @param size bytes in the store, or null before it is done
 * @param sequence its place in the order in which this manager committed backups, or null before
 * @param finishedAt when it was proven; null for one that never was
 * @param endedAt when its job ended, well or not
 * @param readBack what the last reading back proved, or null when there was none that ended well
 * @param heldAt since when somebody holds it, so that it is not deleted, or null
 * @param holdUntil when that ends, or null for never
 * @param origin who asked for it, or null when nobody knows
 * @param madeBy which agent made it, a {@link Manifest.MadeBy} in JSON; null when nobody knows
 * @param noted what people should know of it, a JSON array of sentences; null when there is nothing
 * @param snapshot whether the agent finds its data, when that is a snapshot in the data service's own repository; null
 *     for all others
 */
public record Backup(
        long id,
        String backupId,
        long instance,
        long job,
        BackupState state,
        @Nullable Integer keyVersion,
        @Nullable String engineVersion,
        @Nullable Long size,
        @Nullable Long sequence,
        @Nullable Instant finishedAt,
        Verification verification,
        @Nullable Proof readBack,
        @Nullable String verificationMessage,
        @Nullable Instant verifiedAt,
        @Nullable Instant heldAt,
        @Nullable Instant holdUntil,
        @Nullable String holdReason,
        Instant createdAt,
        @Nullable Instant startedAt,
        @Nullable Instant endedAt,
        JobState jobState,
        @Nullable JobOrigin origin,
        @Nullable String madeBy,
        @Nullable String noted,
        @Nullable Snapshot snapshot,
        int epoch,
        @Nullable Phase phase,
        @Nullable String detail,
        long bytesIn,
        long bytesOut,
        @Nullable Long estimatedBytes,
        @Nullable FailureCode code,
        @Nullable String message,
        @Nullable String hint) {
    /** Whether somebody holds it at a moment. */
    public boolean isHeld(Instant now) {
        return isHeld(heldAt, holdUntil, now);
    }

    /** Which agent made it; null when nobody knows. */
    public Manifest.@Nullable MadeBy maker() {
        return madeBy == null ? null : Json.mapper().readValue(madeBy, Manifest.MadeBy.class);
    }

    /** What people should know of it, in sentences. */
    public List<String> notes() {
        return noted == null ? List.of() : List.of(Json.mapper().readValue(noted, String[].class));
    }

    static boolean isHeld(@Nullable Instant heldAt, @Nullable Instant holdUntil, Instant now) {
        return heldAt != null && (holdUntil == null || holdUntil.isAfter(now));
    }

    /** Who made a backup, as it is kept. */
    public static @Nullable String json(Manifest.@Nullable MadeBy maker) {
        return maker == null ? null : Json.mapper().writeValueAsString(maker);
    }

    /** Notes, as they are kept. */
    public static @Nullable String json(List<String> notes) {
        return notes.isEmpty() ? null : Json.mapper().writeValueAsString(notes);
    }
}
