package io.holdfast.protocol;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /agent/v1/jobs/{id}/backup-complete}: everything is uploaded. The manager then completes the uploads,
 * compares what the store has with this, and writes the manifest. Repeating it is fine: the first accepted one counts.
 *
 * @param epoch the attempt's
 * @param engineVersion the data service's version at the time of the dump
 * @param artifacts what was dumped, in the order in which it is to be restored
 * @param facts counts that a restore can be checked against, such as {@code database.app.tables}: numbers only
 * @param notes what people should know of the backup, in sentences: what it does not keep, what a restore of it will not
 *     be able to do. Left out when there are none
 */
public record BackupResult(
        int epoch,
        @Nullable String engineVersion,
        List<Artifact> artifacts,
        Map<String, Long> facts,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> notes) {

    public BackupResult {
        notes = notes == null ? List.of() : List.copyOf(notes);
    }

    /**
     * One stream of the dump.
     *
     * @param name its name in the store: {@code [a-z0-9][a-z0-9_-]{0,62}}
     * @param type what it is to the adapter, such as {@code globals} or {@code database}
     * @param source the name of what was dumped, such as the database's
     * @param plaintextBytes its size before compression
     * @param segments its segments in order
     */
    public record Artifact(String name, String type, String source, long plaintextBytes, List<Segment> segments) {}

    /**
     * One object in the store. Its parts' sizes and hashes the manager knows from the addresses that it signed.
     *
     * @param bytes size of the ciphertext
     * @param sha256 of the ciphertext, in lower-case hex
     * @param parts how many parts it was uploaded in
     */
    public record Segment(long bytes, String sha256, int parts) {}
}
