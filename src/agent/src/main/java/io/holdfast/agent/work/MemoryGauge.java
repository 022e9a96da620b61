package io.holdfast.agent.work;

import io.holdfast.protocol.AgentMemory;
import io.holdfast.protocol.ResidentMemory;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import org.jspecify.annotations.Nullable;

/** Measures what the agent's process and its children use, as Linux counts it in {@code /proc}. */
public final class MemoryGauge {
    private static final long MB = 1024 * 1024; // as monit counts them

    private final @Nullable Long alertBytes;

    /**
     * @param alertMb above which use an operator is alerted, or 0 when nobody watches
     */
    public MemoryGauge(int alertMb) {
        this.alertBytes = alertMb == 0 ? null : alertMb * MB;
    }

    AgentMemory now() {
        long own = ResidentMemory.bytes(ProcessHandle.current());
        long children = ProcessHandle.current()
                .descendants()
                .mapToLong(ResidentMemory::bytes)
                .sum();
        Runtime runtime = Runtime.getRuntime();
        long direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
        return new AgentMemory(own, own + children, runtime.totalMemory() - runtime.freeMemory(), direct, alertBytes);
    }
}
