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
 * What a server says of its connections to primaries, see MariaDB's "SHOW REPLICA STATUS". A user who may not ask for that
 * sees a server that takes no writes, or one that does.
 */
final class ReplicaStatus {
    private static final String STOPPED = "No";

    private ReplicaStatus() {}

    static Replication replication(Client client) throws IOException, InterruptedException {
        boolean readOnly =
                !client.run("SELECT @@read_only;").getFirst().getFirst().equals("0");
        try {
            List<Map<String, String>> connections = client.named("SHOW ALL SLAVES STATUS;");
            // One that was made a primary may still have the connection by which it followed, stopped.
            boolean follows = connections.stream()
                    .anyMatch(each -> !STOPPED.equals(each.get("Slave_IO_Running"))
                            || !STOPPED.equals(each.get("Slave_SQL_Running")));
            return follows || (readOnly && !connections.isEmpty())
                    ? Replication.replica(behind(connections))
                    : Replication.PRIMARY;
        } catch (JobException e) {
            if (e.code() != FailureCode.SERVICE_DENIED) {
                throw e;
            }
            return readOnly ? Replication.replica(null) : Replication.PRIMARY;
        }
    }

    /** Of several primaries the one that it is farthest behind; null when one of them is not followed now. */
    private static @Nullable Duration behind(List<Map<String, String>> connections) {
        Duration most = Duration.ZERO;
        for (Map<String, String> each : connections) {
            String seconds = each.getOrDefault("Seconds_Behind_Master", "");
            if (!seconds.matches("\\d+")) {
                return null;
            }
            Duration behind = Duration.ofSeconds(Long.parseLong(seconds));
            most = behind.compareTo(most) > 0 ? behind : most;
        }
        return most;
    }
}
