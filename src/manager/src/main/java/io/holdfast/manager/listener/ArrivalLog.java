package io.holdfast.manager.listener;

import java.time.Duration;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place where the log says who was let in, and from where: the first time, and again when it was not seen for an
 * hour; callers show their credentials with each of very many requests. In the memory of one manager. Any thread may call.
 */
final class ArrivalLog {
    private static final Logger log = LoggerFactory.getLogger(ArrivalLog.class);
    private static final long FORGOTTEN_NANOS = Duration.ofHours(1).toNanos();
    private static final int MOST_KNOWN = 20_000;

    /** When somebody was last seen; who was not seen for the longest time is the first. */
    private final LinkedHashMap<String, Long> seen = new LinkedHashMap<>(16, 0.75f, true);

    /** Somebody is let in, by a password, a token, a session, a certificate or a signed address. */
    void arrived(String client, String who) {
        long now = System.nanoTime();
        @Nullable Long before;
        synchronized (seen) {
            before = seen.put(client + " " + who, now);
            if (seen.size() > MOST_KNOWN) {
                seen.pollFirstEntry();
            }
        }
        if (before == null || now - before > FORGOTTEN_NANOS) {
            log.info("let in: {} from {}", who, client);
        }
    }
}
