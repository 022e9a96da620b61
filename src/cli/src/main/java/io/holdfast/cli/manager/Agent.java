package io.holdfast.cli.manager;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An agent as the API shows it. */
public record Agent(
        String instanceId,
        @Nullable Integer index,
        boolean online,
        boolean refused,
        @Nullable NodeRole role,
        @Nullable String version,
        @Nullable String host,
        @Nullable Certificate certificate,
        @Nullable String service,
        @Nullable String serverVersion,
        @Nullable Instant lastSeenAt,
        @Nullable List<Tool> tools,
        @Nullable List<String> warnings) {

    /** What an agent's certificate is known by. */
    public record Certificate(String serial, String sha256) {}

    /** What part the agent's node plays, where nodes follow one another. */
    public enum NodeRole {
        PRIMARY,
        REPLICA,
        UNUSED_REPLICA
    }

    /** A program that the agent runs. */
    public record Tool(
            String name,
            @Nullable String version,
            @Nullable String path,
            @Nullable String warning) {}
}
