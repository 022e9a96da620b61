package io.holdfast.agent.adapter.redis;

import io.holdfast.agent.adapter.CheckedStream;
import io.holdfast.agent.adapter.Dump;
import io.holdfast.agent.adapter.DumpStream;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.config.RedisConfig;
import io.holdfast.format.json.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A snapshot of all databases, and the ACL users, which are not in it. */
final class RedisDump implements Dump {
    static final String DATA = "data";
    static final String USERS = "users";

    private final RedisConfig config;
    private final StopSignal stop;
    private final Info info;
    private final Map<String, Long> facts = new TreeMap<>();

    RedisDump(RedisConfig config, StopSignal stop, Info info) {
        this.config = config;
        this.stop = stop;
        this.info = info;
    }

    @Override
    public String engineVersion() {
        return info.version();
    }

    @Override
    public Long estimatedBytes() {
        return info.dataBytes();
    }

    @Override
    public List<Artifact> artifacts() {
        return List.of(
                new DumpStream(DATA, "rdb", () -> snapshot(config, stop)), new DumpStream(USERS, "acl", this::users));
    }

    @Override
    public Map<String, Long> facts() {
        return facts;
    }

    /** A snapshot, whose end is reached only when it is whole. */
    static InputStream snapshot(RedisConfig config, StopSignal stop) throws IOException {
        Connection connection = Connection.open(config, stop);
        try {
            return new CheckedStream(connection.snapshot(), new RdbCheck());
        } catch (IOException e) {
            connection.close();
            throw e;
        }
    }

    private InputStream users() throws IOException {
        try (Connection connection = Connection.open(config, stop)) {
            List<String> users = connection.texts("ACL", "LIST");
            facts.put(USERS, (long) users.size());
            return new ByteArrayInputStream(Json.mapper().writeValueAsBytes(users));
        }
    }
}
