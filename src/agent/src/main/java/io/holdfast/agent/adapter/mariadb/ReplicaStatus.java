package io.holdfast.agent.adapter.mariadb;

import io.holdfast.agent.adapter.Replication;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a server says of its connections to primaries, see the manuals' "SHOW REPLICA STATUS". A user who may not ask for that
 * sees a server that takes no writes, or one that does. For one thread at a time.
 */
final class ReplicaStatus {
    private static final String STOPPED = "No";

    /** When somebody who may not ask is tried again: the refusal ends the program. */
    private static final Duration ASK_AGAIN = Duration.ofMinutes(10);

    /** When the question was refused, 0 when it was not. */
    private long deniedAt;

    /**
     * What a product calls it.
     *
     * @param query gives a row for each connection
     * @param reads the column that says whether it reads its primary's log
     * @param applies the column that says whether it applies it
     * @param behind the column of the seconds that it is behind
     */
    record Words(String query, String reads, String applies, String behind) {}

    /** Asks a server. */
    Replication of(StandingClient client) throws IOException, InterruptedException {
        Map<String, String> answer = client.named("SELECT @@read_only AS no_writes, VERSION() AS server_version;")
                .getFirst();
        ServerFacts.requireProduct(client.product(), answer.getOrDefault("server_version", ""));
        boolean readOnly = !"0".equals(answer.get("no_writes"));
        if (deniedAt != 0 && System.nanoTime() - deniedAt < ASK_AGAIN.toNanos()) {
            return unseen(readOnly);
        }
        try {
            Words words = client.product().replica();
            List<Map<String, String>> connections = client.named(words.query());
            deniedAt = 0;
            // One that was made a primary may still have the connection by which it followed, stopped.
            boolean follows = connections.stream()
                    .anyMatch(each ->
                            !STOPPED.equals(each.get(words.reads())) || !STOPPED.equals(each.get(words.applies())));
            return follows || (readOnly && !connections.isEmpty())
                    ? Replication.replica(behind(connections, words))
                    : Replication.PRIMARY;
        } catch (JobException e) {
            if (e.code() != FailureCode.SERVICE_DENIED) {
                throw e;
            }
            deniedAt = Math.max(1, System.nanoTime());
            return unseen(readOnly);
        }
    }

    private static Replication unseen(boolean readOnly) {
        return readOnly ? Replication.replica(null) : Replication.PRIMARY;
    }

    /** Of several primaries the one that it is farthest behind; null when one of them is not followed now. */
    private static @Nullable Duration behind(List<Map<String, String>> connections, Words words) {
        Duration most = Duration.ZERO;
        for (Map<String, String> each : connections) {
            String seconds = each.getOrDefault(words.behind(), "");
            if (!seconds.matches("\\d+")) {
                return null;
            }
            Duration behind = Duration.ofSeconds(Long.parseLong(seconds));
            most = behind.compareTo(most) > 0 ? behind : most;
        }
        return most;
    }
}
