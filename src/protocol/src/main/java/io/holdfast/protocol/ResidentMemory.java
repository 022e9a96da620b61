package io.holdfast.protocol;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The resident memory of a process, as Linux counts it in {@code /proc} and monit reads it. Any thread may use it. */
public final class ResidentMemory {
    private ResidentMemory() {}

    /** Bytes of one process without its children; 0 when it has ended. */
    public static long bytes(ProcessHandle process) {
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
