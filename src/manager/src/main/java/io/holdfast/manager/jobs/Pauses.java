package io.holdfast.manager.jobs;

import io.holdfast.manager.sql.Database;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What operators have stopped: no job begins there until they resume it. Jobs that run already go on. */
public final class Pauses {
    final PauseTable table;

    public Pauses(Database database) {
        this.table = new PauseTable(database);
    }

    private static final long NO_INSTANCE = 0;

    /** What a pause stops. */
    public enum Scope {
        /** All jobs, and what the manager deletes and verifies automatically. Uploads that are finished are still committed. */
        EVERYTHING,
        /** The same, and commits: the manager itself leaves the store alone. */
        STORE,
        /** The jobs of one instance. */
        INSTANCE;

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * A pause.
     *
     * @param instanceId whose jobs wait, or null for the other scopes
     */
    public record Pause(String scope, @Nullable String instanceId, String reason, Instant pausedAt) {}

    /** Stops everything or the store; one that is stopped already gets the new reason. */
    public void pause(Scope scope, String reason) {
        table.put(scope, NO_INSTANCE, reason);
    }

    /** Stops an instance. */
    public void pauseInstance(long instance, String reason) {
        table.put(Scope.INSTANCE, instance, reason);
    }

    /** Lets everything or the store go on. Fine when it does. */
    public void resume(Scope scope) {
        table.remove(scope, NO_INSTANCE);
    }

    /** Lets an instance go on. Fine when it does. */
    public void resumeInstance(long instance) {
        table.remove(Scope.INSTANCE, instance);
    }

    /** All pauses, the longest first. */
    public List<Pause> list() {
        return table.list();
    }

    /** Whether the manager is to leave the store alone. */
    public boolean isStorePaused() {
        return table.isAny("'store'");
    }

    /** Whether no job of an instance begins now. */
    public boolean isPaused(long instance) {
        return isBackgroundPaused() || table.isInstancePaused(instance);
    }

    /** Whether the manager is to begin nothing automatically. */
    public boolean isBackgroundPaused() {
        return table.isAny("'store', 'everything'");
    }
}
