package io.holdfast.cli.manager;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A backup as the API shows it. Sizes in bytes.
 *
 * @param size of all that it uses
 * @param addedBytes of that, what it has brought itself
 */
public record Backup(
        long id,
        @Nullable String backupId,
        @Nullable Long size,
        @Nullable Long addedBytes,
        String status,
        @Nullable String state,
        @Nullable Instant triggeredAt,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt,
        @Nullable Integer attempts,
        @Nullable Progress progress,
        @Nullable Reason reason,
        @Nullable Verification verification,
        @Nullable Integer keyVersion,
        @Nullable String engineVersion,
        @Nullable Maker madeBy,
        @Nullable List<String> notes,
        @Nullable List<Artifact> artifacts) {

    /** Whether the job has come to its end. */
    public boolean ended() {
        return !status.equals("queued") && !status.equals("running");
    }

    /** Whether it can be restored. */
    public boolean good() {
        return status.equals("done") && !"suspect".equals(state);
    }

    /** How much the manager has seen of it. */
    public record Verification(
            String state, @Nullable Instant at, @Nullable String message) {
        /** Whether no verification is under way. */
        public boolean ended() {
            return !state.equals("queued") && !state.equals("running");
        }
    }

    /** Which agent made it. */
    public record Maker(int agent, String host, Agent.Certificate certificate) {
        /** In a sentence. */
        public String text() {
            return "agent " + agent + " on " + host + ", certificate " + certificate.serial() + " (SHA-256 "
                    + certificate.sha256() + ")";
        }
    }

    /** One stream of it. */
    public record Artifact(
            String name,
            @Nullable String type,
            @Nullable String source,
            long plaintextBytes,
            long bytes,
            int segments) {}
}
