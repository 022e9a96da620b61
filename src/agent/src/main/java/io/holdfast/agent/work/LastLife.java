package io.holdfast.agent.work;

import io.holdfast.agent.attempt.JobId;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What became of the agent before this one, by the file {@code at-work}: an agent that ends because it was told to removes
 * it, and what the JVM runs when it has no memory left ({@code OnOutOfMemoryError} in {@code jvm.options}) adds a line to it,
 * which finds the file among those that the process has open. Any thread may use it.
 */
public final class LastLife implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LastLife.class);
    private static final String FILE = "at-work";
    private static final String OUT_OF_MEMORY = "out of memory";
    private static final String IDLE = "it waited for a job";

    private final @Nullable Path file;
    private final @Nullable RandomAccessFile open;
    private final List<String> warnings;

    private LastLife(@Nullable Path file, @Nullable RandomAccessFile open, List<String> warnings) {
        this.file = file;
        this.open = open;
        this.warnings = warnings;
    }

    /** Looks at what the agent before has left, and begins this one's. */
    public static LastLife begin(Path workDirectory) throws IOException {
        Path file = workDirectory.resolve(FILE);
        List<String> warnings = Files.exists(file) ? List.of(told(Files.readAllLines(file))) : List.of();
        LastLife life = new LastLife(file, new RandomAccessFile(file.toFile(), "rw"), warnings);
        life.idle();
        return life;
    }

    /** That of an agent which leaves nothing. */
    public static LastLife none() {
        return new LastLife(null, null, List.of());
    }

    private static String told(List<String> lines) {
        String doing = lines.isEmpty() ? IDLE : lines.getFirst();
        return "the agent before this one "
                + (lines.contains(OUT_OF_MEMORY)
                        ? "ran out of memory while " + doing
                                + ": give its JVM more memory (-Xmx; BOSH: backup-agent.memory_mb), and report that it was not enough"
                        : "ended unexpectedly while " + doing
                                + ": somebody or the kernel killed it (see the kernel's log for lack of memory), or the"
                                + " machine went down");
    }

    /** What an operator should know of it, in sentences. */
    List<String> warnings() {
        return warnings;
    }

    void idle() {
        write(IDLE);
    }

    void works(JobId job, String what) {
        write("it worked on job " + job + " (" + what + ")");
    }

    private synchronized void write(String what) {
        if (open == null) {
            return;
        }
        try {
            byte[] line = (what + ", since " + Instant.now().truncatedTo(ChronoUnit.SECONDS) + "\n")
                    .getBytes(StandardCharsets.UTF_8);
            open.seek(0);
            open.write(line);
            open.setLength(line.length);
        } catch (IOException e) {
            LOG.warn("{} cannot be written: {}", FILE, e.toString());
        }
    }

    /** It was told to end. */
    @Override
    public synchronized void close() {
        try {
            if (file != null && open != null) {
                Files.deleteIfExists(file);
                open.close();
            }
        } catch (IOException e) {
            LOG.warn("{} cannot be removed: {}", FILE, e.toString());
        }
    }
}
