package io.holdfast.protocol;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /agent/v1/jobs/{id}/backup-complete}: everything is uploaded. The manager then compares what the
 * store has with this and with what it gave addresses for, and writes the list of the segments and the manifest. Repeating it is fine: the first accepted one counts.
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
     * @param meanBytes the mean size of segments that it was cut to
     * @param segments how many it has, at least 1
     */
    public record Artifact(
            String name, String type, String source, long plaintextBytes, int meanBytes, long segments) {}
}
