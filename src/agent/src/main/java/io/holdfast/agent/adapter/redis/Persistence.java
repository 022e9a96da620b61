package io.holdfast.agent.adapter.redis;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Brings the data that a server has loaded as a replica onto its disk, where its settings say that it keeps any there: as
 * a snapshot, or as an append-only file, which a server rewrites on its own once it has loaded other data.
 */
final class Persistence {
    private static final long LOOK_MILLIS = 50;
    private static final int TRIES = 5;

    private final Connection connection;
    private final long end;

    /**
     * Makes it.
     *
     * @param limit how long all of it may take
     */
    Persistence(Connection connection, Duration limit) {
        this.connection = connection;
        this.end = System.nanoTime() + limit.toNanos();
    }

    /** Throws {@code RESTORE_FAILED} when the server cannot write, so that it would have other data after its next start. */
    void persist() throws IOException, InterruptedException {
        if (connection.texts("CONFIG", "GET", "appendonly").contains("yes")) {
            rewrite();
        } else if (!connection.texts("CONFIG", "GET", "save").getLast().isEmpty()) {
            write("BGSAVE", Info::saved);
        }
    }

    private void rewrite() throws IOException, InterruptedException {
        Info info = await(now -> !now.rewriting() && !(now.rewriteScheduled() && now.rewritten()));
        if (!info.rewritten()) {
            // It failed, or one long ago did and this one has not begun; the server tries again when it likes.
            write("BGREWRITEAOF", Info::rewritten);
        }
    }

    /** A later one of the server's own tells just as well whether it can write. */
    private void write(String command, Predicate<Info> good) throws IOException, InterruptedException {
        begin(command);
        if (!good.test(await(info -> !info.writing()))) {
            throw notWritten(null);
        }
    }

    /** A server writes one thing at a time, and may begin another just before it is asked. */
    private void begin(String command) throws IOException, InterruptedException {
        @Nullable JobException last = null;
        for (int tries = 0; tries < TRIES; tries++) {
            await(info -> !info.writing());
            try {
                if (connection.text(command).contains("started")) {
                    return;
                }
            } catch (JobException e) {
                if (e.code() != FailureCode.RESTORE_FAILED) {
                    throw e;
                }
                last = e;
            }
            Thread.sleep(LOOK_MILLIS);
        }
        throw notWritten(last);
    }

    private Info await(Predicate<Info> wanted) throws IOException, InterruptedException {
        Info info = Info.of(connection);
        while (!wanted.test(info)) {
            if (System.nanoTime() - end > 0) {
                throw new JobException(
                        FailureCode.TOOL_TIMEOUT,
                        "the server takes too long to write its data to its disk",
                        "see its log, and adapter.tool_timeout_seconds");
            }
            Thread.sleep(LOOK_MILLIS);
            info = Info.of(connection);
        }
        return info;
    }

    private static JobException notWritten(@Nullable JobException cause) {
        return new JobException(
                FailureCode.RESTORE_FAILED,
                "the server cannot write its data to its disk" + (cause == null ? "" : ": " + cause.getMessage()),
                "see the server's log; its disk may be full, or its dir not be writable",
                cause);
    }
}
