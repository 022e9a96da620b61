package io.holdfast.protocol;

import org.jspecify.annotations.Nullable;

/**
 * What an agent's process uses.
 *
 * @param residentBytes the resident memory of the agent's process alone
 * @param residentWithChildrenBytes the same together with the tools that it runs: what monit calls totalmem
 * @param heapBytes used heap
 * @param directBytes memory of direct buffers
 * @param alertBytes the threshold above which {@code residentWithChildrenBytes} alerts an operator, or null when there is
 *     none
 */
public record AgentMemory(
        long residentBytes,
        long residentWithChildrenBytes,
        long heapBytes,
        long directBytes,
        @Nullable Long alertBytes) {}
