package io.holdfast.agent.work;

import io.holdfast.protocol.AgentMemory;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** Measures what the agent's process and its children use, as Linux counts it in {@code /proc}. */
final class MemoryGauge {
    private MemoryGauge() {}

    static AgentMemory now() {
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
        return new AgentMemory(own, own + children, runtime.totalMemory() - runtime.freeMemory(), direct);
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
