package io.holdfast.manager.database;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What operators have stopped: no job begins there until they resume it. Jobs that run already go on. */
public final class Pauses {
    private static final long NO_INSTANCE = 0;

    private final Database database;

    public Pauses(Database database) {
        this.database = database;
    }

    /** What a pause stops. */
    public enum Scope {
        /** All jobs, and what the manager deletes and verifies automatically. Uploads that are finished are still committed. */
        EVERYTHING,
        /** The same, and commits: the manager itself leaves the store alone. */
        STORE,
        /** The jobs of one instance. */
        INSTANCE;

        private String text() {
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
        put(scope, NO_INSTANCE, reason);
    }

    /** Stops an instance. */
    public void pauseInstance(long instance, String reason) {
        put(Scope.INSTANCE, instance, reason);
    }

    private void put(Scope scope, long instance, String reason) {
        database.write(handle -> handle.createUpdate("""
                        INSERT INTO pause (scope, instance, reason, paused_at) VALUES (:scope, :instance, :reason, %s)
                        ON CONFLICT (scope, instance) DO UPDATE SET reason = excluded.reason
                        """.formatted(Database.NOW))
                .bind("scope", scope.text())
                .bind("instance", instance)
                .bind("reason", reason)
                .execute());
    }

    /** Lets everything or the store go on. Fine when it does. */
    public void resume(Scope scope) {
        remove(scope, NO_INSTANCE);
    }

    /** Lets an instance go on. Fine when it does. */
    public void resumeInstance(long instance) {
        remove(Scope.INSTANCE, instance);
    }

    private void remove(Scope scope, long instance) {
        database.write(handle -> handle.createUpdate("DELETE FROM pause WHERE scope = :scope AND instance = :instance")
                .bind("scope", scope.text())
                .bind("instance", instance)
                .execute());
    }

    /** All pauses, the longest first. */
    public List<Pause> list() {
        return database.read(handle ->
                handle.createQuery("""
                        SELECT p.scope, i.instance_id, p.reason, p.paused_at FROM pause p
                        LEFT JOIN instance i ON i.id = p.instance ORDER BY p.paused_at, p.scope
                        """).map(RecordMapper.of(Pause.class)).list());
    }

    /** Whether the manager is to leave the store alone. */
    public boolean isStorePaused() {
        return isAny("'store'");
    }

    /** Whether the manager is to begin nothing automatically. */
    public boolean isBackgroundPaused() {
        return isAny("'store', 'everything'");
    }

    private boolean isAny(String scopes) {
        return database.read(handle -> handle.createQuery("SELECT count(*) FROM pause WHERE scope IN (" + scopes + ")")
                        .mapTo(Integer.class)
                        .one()
                > 0);
    }
}
