package io.holdfast.manager.backup;

import io.holdfast.format.json.Json;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.manager.jobs.Job;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A backup with its job, without what may be large: its manifest, and what its agent reported.
 *
 * @param id its number in the API
 * @param backupId its name in the store
 * @param size bytes of all objects that it uses: what a restore reads; null before it is done
 * @param addedBytes bytes of those that it has brought itself, or null before it is done
 * @param sequence its place in the order in which this manager committed backups, or null before
 * @param finishedAt when it was proven; null for one that never was
 * @param hold that somebody holds it, or did until a moment, so that it is not deleted; null when nobody does
 * @param notes what people should know of it, in sentences
 * @param snapshot whether the agent finds its data, when that is a snapshot in the data service's own repository; null
 *     for all others
 * @param job what makes it, or has made it
 */
public record Backup(
        long id,
        String backupId,
        long instance,
        BackupState state,
        @Nullable Integer keyVersion,
        @Nullable String engineVersion,
        @Nullable Long size,
        @Nullable Long addedBytes,
        @Nullable Long sequence,
        @Nullable Instant finishedAt,
        Verification verification,
        @Nullable Hold hold,
        Provenance provenance,
        List<String> notes,
        @Nullable Snapshot snapshot,
        Job job) {
    /** Whether somebody holds it at a moment. */
    public boolean isHeld(Instant now) {
        return hold != null && hold.isAt(now);
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
