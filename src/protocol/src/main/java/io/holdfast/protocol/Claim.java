package io.holdfast.protocol;

import org.jspecify.annotations.Nullable;

/**
 * {@code POST /agent/v1/claim}: waits for a job. The manager answers 200 with an {@link Assignment}, or 204 when none
 * came within the wait.
 *
 * @param session the agent's, from its {@link Hello}; one that the manager does not know is refused with 409
 *     {@code UnknownSession}, and the agent says hello again
 * @param waitSeconds how long the manager may hold the call
 * @param memory what the agent uses now
 * @param role of the agent's node now; null for a service whose nodes have none, or that cannot be asked
 */
public record Claim(
        String session,
        int waitSeconds,
        AgentMemory memory,
        @Nullable NodeRole role) {}
