package io.holdfast.manager.agents;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.holdfast.protocol.AgentMemory;
import io.holdfast.protocol.Hello;
import io.holdfast.protocol.NodeRole;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An agent.
 *
 * @param position its index among the instance's agents, from its certificate
 * @param online whether it was seen recently
 * @param refused whether operators do not let it in any more
 * @param role of its node, or null
 * @param certificate with which it said hello; null when it did so to an older manager
 */
public record Agent(
        String instanceId,
        @JsonProperty("index") int position,
        boolean online,
        boolean refused,
        @Nullable NodeRole role,
        String version,
        String host,
        @Nullable AgentCertificate certificate,
        String service,
        @Nullable String serverVersion,
        Instant lastSeenAt,
        List<Hello.Tool> tools,
        List<String> warnings,
        int protocol,
        List<String> capabilities,
        @Nullable AgentMemory memory) {}
