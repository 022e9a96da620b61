package io.holdfast.agent.work;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says to scripts beside the agent, which has no port, what it is doing: the state in the first line, the reason after
 * it. Replaced as a whole. Any thread may use it.
 */
public final class StatusFile {
    private static final Logger LOG = LoggerFactory.getLogger(StatusFile.class);

    /** What the agent is doing. */
    enum State {
        /** It has not been accepted by the manager yet, or cannot reach it any more. */
        CONNECTING,
        /** The manager has accepted it. */
        READY,
        /** It was told to stop. */
        STOPPING
    }

    private final @Nullable Path file;

    /**
     * @param file where, or null when nobody wants to know
     */
    public StatusFile(@Nullable Path file) {
        this.file = file;
    }

    synchronized void write(State state, String reason) {
        if (file == null) {
            return;
        }
        try {
            Path next = file.resolveSibling(file.getFileName() + ".next");
            Files.writeString(next, state.name().toLowerCase(Locale.ROOT) + "\n" + reason + "\n");
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOG.warn("the status file cannot be written: {}", e.toString());
        }
    }
}
