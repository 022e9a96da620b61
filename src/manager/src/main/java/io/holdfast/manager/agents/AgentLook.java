package io.holdfast.manager.agents;

import io.holdfast.protocol.AgentMemory;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An agent in few words.
 *
 * @param warnings how many it has
 */
public record AgentLook(
        String instanceId,
        int position,
        String service,
        boolean online,
        Instant lastSeenAt,
        int warnings,
        @Nullable AgentMemory memory) {}
