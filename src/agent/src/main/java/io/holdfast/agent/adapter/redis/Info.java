package io.holdfast.agent.adapter.redis;

import io.holdfast.agent.adapter.Replication;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Hello;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A server's answer to {@code INFO}. */
record Info(Map<String, String> fields) {
    private static final Pattern SERIES = Pattern.compile("(\\d{1,5})\\.(\\d{1,3})(\\D.*)?");

    /** Valkey began as Redis 7.2; what each has written since, the other one does not load. */
    private static final int LAST_COMMON_SERIES = 7002;

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

    /** Which of the two products it is: {@code redis} or {@code valkey}. */
    String product() {
        return fields.containsKey("valkey_version") ? "valkey" : "redis";
    }

    /**
     * About how much memory the data takes, at most what the server has in use. Some servers compute it by subtracting
     * more than there is, and then tell a number below zero, or one that was wrapped around at 64 bits: that is 0 here.
     */
    long dataBytes() {
        long data = number("used_memory_dataset").orElse(0);
        long used = number("used_memory").orElse(data);
        return Math.min(data, used);
    }

    /** What a field says, where that is a number from 0 to the largest {@code long}. */
    private OptionalLong number(String name) {
        try {
            long number = Long.parseLong(field(name));
            return number < 0 ? OptionalLong.empty() : OptionalLong.of(number);
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
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
        OptionalLong heard = number("master_last_io_seconds_ago");
        return Replication.replica(linkUp() && heard.isPresent() ? Duration.ofSeconds(heard.getAsLong()) : null);
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

    /**
     * Why this server could not follow one that such a program is, or null when it could: an older one does not load what
     * this one has written, and what a newer one sends this one does not load.
     */
    @Nullable String misfit(Hello.Tool program) {
        int series = series(version());
        boolean sameProduct = program.name().startsWith(product()) || series <= LAST_COMMON_SERIES;
        return sameProduct && series(program.version()) == series
                ? null
                : program.path() + " is " + program.name() + " " + program.version() + ", and the server is "
                        + product() + " " + version();
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
                    "the backup is from version " + backedUp + ", and the server is " + version(),
                    "restore into a server of that version or newer");
        }
    }

    /** The first two numbers of a version as one; 0 for a text that does not begin with two. */
    static int series(String version) {
        Matcher matcher = SERIES.matcher(version);
        return matcher.matches() ? Integer.parseInt(matcher.group(1)) * 1000 + Integer.parseInt(matcher.group(2)) : 0;
    }
}
