package io.holdfast.manager.jobs;

import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.RecordMapper;
import java.util.List;

/** The rows of {@link Pauses}. */
final class PauseTable {
    private final Database database;

    PauseTable(Database database) {
        this.database = database;
    }

    void put(Pauses.Scope scope, long instance, String reason) {
        database.write(handle -> handle.createUpdate("""
                        INSERT INTO pause (scope, instance, reason, paused_at) VALUES (:scope, :instance, :reason, %s)
                        ON CONFLICT (scope, instance) DO UPDATE SET reason = excluded.reason
                        """.formatted(Database.NOW))
                .bind("scope", scope.text())
                .bind("instance", instance)
                .bind("reason", reason)
                .execute());
    }

    void remove(Pauses.Scope scope, long instance) {
        database.write(handle -> handle.createUpdate("DELETE FROM pause WHERE scope = :scope AND instance = :instance")
                .bind("scope", scope.text())
                .bind("instance", instance)
                .execute());
    }

    List<Pauses.Pause> list() {
        return database.read(handle ->
                handle.createQuery("""
                        SELECT p.scope, i.instance_id, p.reason, p.paused_at FROM pause p
                        LEFT JOIN instance i ON i.id = p.instance ORDER BY p.paused_at, p.scope
                        """).map(RecordMapper.of(Pauses.Pause.class)).list());
    }

    boolean isInstancePaused(long instance) {
        return database.read(handle ->
                handle.createQuery("SELECT count(*) FROM pause WHERE scope = 'instance' AND instance = :instance")
                                .bind("instance", instance)
                                .mapTo(Integer.class)
                                .one()
                        > 0);
    }

    boolean isAny(String scopes) {
        return database.read(handle -> handle.createQuery("SELECT count(*) FROM pause WHERE scope IN (" + scopes + ")")
                        .mapTo(Integer.class)
                        .one()
                > 0);
    }
}
