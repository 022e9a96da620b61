package io.holdfast.agent.work;

import io.holdfast.protocol.AgentMemory;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
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
        long own = residentBytes(ProcessHandle.current());
        long children = ProcessHandle.current()
                .descendants()
                .mapToLong(MemoryGauge::residentBytes)
                .sum();
        Runtime runtime = Runtime.getRuntime();
        long direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
        return new AgentMemory(own, own + children, runtime.totalMemory() - runtime.freeMemory(), direct, alertBytes);
    }

    private static long residentBytes(ProcessHandle process) {
        try {
            return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .sum();
        } catch (IOException e) {
            return 0; // it has ended in between
        }
    }
}
