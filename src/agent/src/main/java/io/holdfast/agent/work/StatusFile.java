package io.holdfast.agent.work;

import io.holdfast.protocol.machine.WholeFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
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
            String text = state.name().toLowerCase(Locale.ROOT) + "\n" + reason + "\n";
            WholeFile.replace(file, text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            LOG.warn("the status file cannot be written: {}", e.toString());
        }
    }
}
