package io.holdfast.manager.http;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place where the log says who was not let in: the name that was tried, the address, and why. Never a password, a
 * token or a key.
 *
 * <p>Whoever is refused again and again must not fill the disk: some lines a second are written, and how many there would
 * have been besides. Any thread may call.
 */
public final class RefusalLog {
    private static final Logger log = LoggerFactory.getLogger(RefusalLog.class);
    private static final int LONGEST = 200;
    private static final int MOST_AT_ONCE = 500;
    private static final long ONE_MORE_NANOS = Duration.ofMillis(50).toNanos();

    private static final RefusalLog OF_ALL = new RefusalLog();

    private long lines = MOST_AT_ONCE;
    private long counted = System.nanoTime();
    private long unwritten;

    private RefusalLog() {}

    /**
     * Notes that a request is refused.
     *
     * @param tried who the caller says to be, such as a user's name; what comes from outside may have anything in it
     */
    public static void refused(Request request, String tried, String why) {
        long others = OF_ALL.take(System.nanoTime());
        if (others < 0) {
            return;
        }
        if (others > 0) {
            log.warn("refused: {} more requests, not listed", others);
        }
        log.warn(
                "refused: {} {} from {}: {}: {}",
                request.method(),
                shortened(request.path()),
                request.client(),
                shortened(tried),
                why);
    }

    /** How many lines were left out before the one that may be written now, or -1 when it may not. */
    private synchronized long take(long now) {
        long more = Math.min(MOST_AT_ONCE - lines, (now - counted) / ONE_MORE_NANOS);
        lines += more;
        counted = lines == MOST_AT_ONCE ? now : counted + more * ONE_MORE_NANOS;
        if (lines == 0) {
            unwritten++;
            return -1;
        }
        lines--;
        long others = unwritten;
        unwritten = 0;
        return others;
    }

    private static String shortened(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
    }
}
