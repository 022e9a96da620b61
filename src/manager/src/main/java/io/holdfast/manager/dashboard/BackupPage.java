package io.holdfast.manager.dashboard;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.manager.backup.NotedManifest;
import io.holdfast.manager.dashboard.InstancePage.Header;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One backup.
 *
 * @param verification whether it was read back, in words
 * @param hold why somebody holds it, or null
 * @param snapshot whether its data is a snapshot in the data service's own repository
 * @param madeBy which agent made it, or null
 * @param notes what people should know of it
 * @param artifacts what it is made of; none before it is done
 */
record BackupPage(
        Header header,
        BackupRow backup,
        String name,
        @Nullable Instant finishedAt,
        String verification,
        @Nullable Integer keyVersion,
        @Nullable String engineVersion,
        int attempts,
        @Nullable String hold,
        boolean snapshot,
        Manifest.@Nullable MadeBy madeBy,
        List<String> notes,
        List<Artifact> artifacts) {

    /** A file of a backup. */
    record Artifact(String name, String type, String source, long plain, long stored, long segments) {
        private static Artifact of(Manifest.Artifact each) {
            return new Artifact(
                    each.name(),
                    each.type(),
                    each.source(),
                    each.plaintextBytes(),
                    each.storedBytes(),
                    each.segments());
        }
    }

    /** What a signed manifest names. */
    static List<Artifact> artifacts(String manifest) {
        return NotedManifest.parse(manifest).artifacts().stream()
                .map(Artifact::of)
                .toList();
    }
}
