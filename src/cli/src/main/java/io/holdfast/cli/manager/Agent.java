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
        @Nullable String role,
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

    /** A program that the agent runs. */
    public record Tool(
            String name,
            @Nullable String version,
            @Nullable String path,
            @Nullable String warning) {}
}
