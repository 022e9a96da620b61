package io.holdfast.cli.manager;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An agent as the API shows it. */
public record Agent(
        String instanceId,
        @Nullable Integer index,
        boolean online,
        @Nullable String version,
        @Nullable String host,
        @Nullable String service,
        @Nullable String serverVersion,
        @Nullable Instant lastSeenAt,
        @Nullable List<Tool> tools,
        @Nullable List<String> warnings) {

    /** A program that the agent runs. */
    public record Tool(
            String name,
            @Nullable String version,
            @Nullable String path,
            @Nullable String warning) {}
}
