package io.holdfast.manager.monitoring;

import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.http.Router;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.StoreException;
import io.holdfast.manager.transaction.Transactions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether the manager lives, and whether it can do its work. Anybody may ask. */
public final class HealthApi {
    private static final Logger log = LoggerFactory.getLogger(HealthApi.class);

    /** S3 takes no signature by a clock that is off by more. */
    private static final Duration MOST_SKEW = Duration.ofMinutes(15);

    private final Transactions database;
    private final Store store;
    private final InstantSource clock;
    /** What was said last of each check that fails: somebody asks every few seconds, and the log is for changes. */
    private final Map<String, String> told = new ConcurrentHashMap<>();

    /**
     * Makes it.
     *
     * @param store one that does not retry: an answer is wanted now
     * @param clock the machine's own, by which addresses are signed
     */
    public HealthApi(Transactions database, Store store, InstantSource clock) {
        this.clock = clock;
        this.database = database;
        this.store = store;
    }

    /** Whether something answers. */
    public record Check(String name, boolean ok, String detail) {}

    record Readiness(boolean ready, List<Check> checks) {}

    /** Adds the routes. */
    public void addTo(Router router) {
        router.add("GET", "/healthz", request -> Reply.json(200, Map.of("status", "ok")))
                .add("GET", "/readyz", this::ready);
    }

    private Reply ready(Request request) {
        List<Check> checks = List.of(checkDatabase(), checkStore());
        boolean ready = checks.stream().allMatch(Check::ok);
        return Reply.json(ready ? 200 : 503, new Readiness(ready, checks));
    }

    private Check checkDatabase() {
        try {
            database.now();
            told.remove("database");
            return new Check("database", true, "answers");
        } catch (RuntimeException e) {
            tell("database", String.valueOf(e.getMessage()));
            return new Check("database", false, "does not answer; see the manager's log");
        }
    }

    /** Whether the store answers now. */
    public Check checkStore() {
        try {
            store.head(StoreLayout.instances() + "readyz");
            Duration off = Duration.between(clock.instant(), store.clock()).abs();
            if (off.compareTo(MOST_SKEW) >= 0) {
                String why =
                        "its clock and this machine's are " + off.toMinutes() + " minutes apart: set the wrong one";
                tell("store", why);
                return new Check("store", false, why);
            }
            told.remove("store");
            return new Check("store", true, "answers");
        } catch (StoreException e) {
            tell("store", e.kind() + ": " + e.getMessage());
            return new Check("store", false, e.kind() + "; see the manager's log");
        }
    }

    private void tell(String what, String why) {
        if (!why.equals(told.put(what, why))) {
            log.warn("the {} does not answer: {}", what, why);
        }
    }
}
