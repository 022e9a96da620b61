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
 * sees a server that takes no writes, or one that does.
 */
final class ReplicaStatus {
    private static final String STOPPED = "No";

    private ReplicaStatus() {}

    /**
     * What a product calls it.
     *
     * @param query gives a row for each connection
     * @param reads the column that says whether it reads its primary's log
     * @param applies the column that says whether it applies it
     * @param behind the column of the seconds that it is behind
     */
    record Words(String query, String reads, String applies, String behind) {}

    static Replication replication(Client client) throws IOException, InterruptedException {
        List<String> answer = client.run("SELECT @@read_only, VERSION();").getFirst();
        ServerFacts.requireProduct(client.product(), answer.getLast());
        boolean readOnly = !answer.getFirst().equals("0");
        try {
            Words words = client.product().replica();
            List<Map<String, String>> connections = client.named(words.query());
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
            return readOnly ? Replication.replica(null) : Replication.PRIMARY;
        }
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
