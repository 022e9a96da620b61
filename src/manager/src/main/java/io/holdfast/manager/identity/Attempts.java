package io.holdfast.manager.identity;

import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.RefusalLog;
import io.holdfast.manager.http.Request;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Keeps somebody from trying passwords: after {@value #MOST} wrong ones for a name from an address, not even the right one
 * is looked at until some time has passed; one try comes back every two seconds. Every wrong try is logged. In the memory of
 * one manager. Any thread may call.
 */
public final class Attempts {
    public static final int MOST = 100;
    private static final Duration ONE_BACK = Duration.ofSeconds(2);
    private static final int MOST_KNOWN = 10_000;

    private final InstantSource clock;

    /** When all wrong tries of somebody are forgotten; the oldest entry goes when there are too many. */
    private final LinkedHashMap<String, Instant> forgotten = new LinkedHashMap<>();

    public Attempts(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * Tries.
     *
     * @param found what is found when name and password are right; empty when they are not
     * @throws HttpError 429 when there were too many wrong ones
     */
    public <T> Optional<T> attempt(Request request, String name, Supplier<Optional<T>> found) {
        String who = Secrets.hash(request.client() + " " + name);
        synchronized (forgotten) {
            Instant end = forgotten.getOrDefault(who, Instant.MIN);
            if (end.isAfter(clock.instant().plus(ONE_BACK.multipliedBy(MOST - 1)))) {
                RefusalLog.refused(request, name, "too many wrong passwords before");
                throw new HttpError(
                        ErrorCode.TOO_MANY_REQUESTS,
                        "there were too many wrong passwords for this name from this address",
                        "wait some seconds; find out who tries, in the manager's log");
            }
        }
        Optional<T> result = found.get();
        if (result.isEmpty()) {
            RefusalLog.refused(request, name, "wrong name or password");
            synchronized (forgotten) {
                Instant now = clock.instant();
                Instant end = forgotten.getOrDefault(who, now);
                forgotten.put(who, (end.isAfter(now) ? end : now).plus(ONE_BACK));
                if (forgotten.size() > MOST_KNOWN) {
                    forgotten.pollFirstEntry();
                }
            }
        }
        return result;
    }
}
