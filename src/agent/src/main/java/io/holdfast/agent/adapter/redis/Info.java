package io.holdfast.agent.adapter.redis;

import io.holdfast.agent.adapter.Replication;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A server's answer to {@code INFO}. */
record Info(Map<String, String> fields) {
    static Info of(Connection connection) throws IOException {
        Map<String, String> fields = new HashMap<>();
        connection.text("INFO").lines().forEach(line -> {
            int colon = line.indexOf(':');
            if (colon > 0) {
                fields.put(line.substring(0, colon), line.substring(colon + 1));
            }
        });
        return new Info(fields);
    }

    private String field(String name) {
        return fields.getOrDefault(name, "");
    }

    /** Valkey says beside its own version which Redis it is compatible with. */
    String version() {
        return fields.containsKey("valkey_version") ? field("valkey_version") : field("redis_version");
    }

    long dataBytes() {
        String bytes = field("used_memory_dataset");
        return bytes.isEmpty() ? 0 : Long.parseLong(bytes);
    }

    boolean replica() {
        return field("role").equals("slave");
    }

    boolean linkUp() {
        return field("master_link_status").equals("up")
                && field("master_sync_in_progress").equals("0");
    }

    /** A replica hears of its master every ten seconds at least, also when nobody writes. */
    Replication replication() {
        if (!replica()) {
            return Replication.PRIMARY;
        }
        String heard = field("master_last_io_seconds_ago");
        return Replication.replica(
                linkUp() && heard.matches("\\d+") ? Duration.ofSeconds(Long.parseLong(heard)) : null);
    }

    boolean syncing() {
        return field("master_sync_in_progress").equals("1");
    }

    /** Whether a process of its own writes data to the disk, or sends it to a replica. */
    boolean writing() {
        return field("rdb_bgsave_in_progress").equals("1") || rewriting();
    }

    /** Whether its last snapshot was written as a whole. */
    boolean saved() {
        return field("rdb_last_bgsave_status").equals("ok");
    }

    boolean rewriting() {
        return field("aof_rewrite_in_progress").equals("1");
    }

    /** Whether it is about to write its append-only file anew; after a failure that may be much later. */
    boolean rewriteScheduled() {
        return field("aof_rewrite_scheduled").equals("1");
    }

    /** Whether its append-only file was written anew as a whole, the last time that it was tried. */
    boolean rewritten() {
        return field("aof_last_bgrewrite_status").equals("ok");
    }

    /** The server's process: another one after each start. */
    String process() {
        return field("run_id");
    }

    /** The history of its data in this process: another one once it has got another server's, or was told to stand alone. */
    Map<String, String> history() {
        return Map.of("run_id", process(), "master_replid", field("master_replid"));
    }

    /** With modules a replica may empty its databases before it loads others. */
    boolean hasModules() {
        return fields.containsKey("module");
    }

    /** How far a replica has followed, or how far a master has gone. */
    String offset() {
        return replica() ? field("slave_repl_offset") : field("master_repl_offset");
    }

    /** How many keys each database has that has any. */
    Map<String, String> keys() {
        Map<String, String> keys = new TreeMap<>();
        fields.forEach((name, value) -> {
            if (name.matches("db\\d+")) {
                keys.put(name, value.replaceFirst("keys=(\\d+),.*", "$1"));
            }
        });
        return keys;
    }

    void requireRestorable(@Nullable String backedUp) throws JobException {
        if (field("cluster_enabled").equals("1")) {
            throw new JobException(
                    FailureCode.RESTORE_FAILED,
                    "the server is part of a cluster, whose members cannot be made to follow another server",
                    "restore into a server of its own, see the adapter's page");
        }
        if (replica()) {
            throw new JobException(
                    FailureCode.RESTORE_FAILED,
                    "the server is a replica of " + field("master_host") + ", which it would follow again",
                    "restore on that one");
        }
        if (backedUp != null && series(backedUp) > series(version())) {
            throw new JobException(
                    FailureCode.ENGINE_INCOMPATIBLE,
                    "the backup is one of version " + backedUp + ", and the server is " + version(),
                    "restore into a server of that version or newer");
        }
    }

    /** Two numbers of a version as one. */
    static int series(String version) {
        String[] numbers = version.split("\\.", -1);
        return numbers.length < 2 ? 0 : Integer.parseInt(numbers[0]) * 1000 + Integer.parseInt(numbers[1]);
    }
}
