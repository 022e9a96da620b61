package io.holdfast.manager.agents;

/** An agent of an instance, by their row and index. */
public record AgentPlace(long instance, int position) {}
