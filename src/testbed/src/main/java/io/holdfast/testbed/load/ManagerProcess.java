package io.holdfast.testbed.load;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The manager, as a process of its own, watched from outside. */
public final class ManagerProcess implements AutoCloseable {
    private static final double TICKS = 100;
    private static final long KB = 1024;

    private final Process process;

    /**
     * Starts it.
     *
     * @param command what starts the manager when a configuration and JVM options are added
     */
    public ManagerProcess(List<String> command, Path config, List<String> jvmOptions, Path log) throws IOException {
        List<String> all = new ArrayList<>(command);
        all.add(config.toString());
        all.addAll(jvmOptions);
        File file = log.toFile();
        this.process = new ProcessBuilder(all)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(file))
                .start();
    }

    /** Whether it runs. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** Bytes of memory that it has now, or had at most. */
    public long residentBytes(boolean most) throws IOException {
        String field = most ? "VmHWM:" : "VmRSS:";
        return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                .filter(line -> line.startsWith(field))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * KB)
                .findFirst()
                .orElse(0);
    }

    /** Seconds of processor time that it has taken. */
    double cpuSeconds() throws IOException {
        String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
