package io.holdfast.manager.agents;

import io.holdfast.protocol.Capability;
import java.util.Set;

/**
 * What an agent understands.
 *
 * @param protocol which one is spoken with it
 */
public record AgentSkills(String version, int protocol, Set<Capability> capabilities) {}
