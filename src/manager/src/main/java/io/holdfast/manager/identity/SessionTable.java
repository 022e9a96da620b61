package io.holdfast.manager.identity;

import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.RecordMapper;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Logins at the dashboard, known to all managers. */
final class SessionTable {
    private static final long NOTE_MILLIS = 60_000;

    private final Database database;

    SessionTable(Database database) {
        this.database = database;
    }

    /** What a user may be. */
    enum Role {
        OPERATOR,
        DEVELOPER
    }

    /**
     * A session.
     *
     * @param idHash a hash of its secret id
     * @param userId the user's id
     * @param name what people call the user
     * @param tokens the user's tokens, encrypted, or null
     */
    record Row(
            String idHash,
            Role role,
            String userId,
            String name,
            @Nullable String tokens,
            Instant createdAt,
            Instant seenAt) {}

    /** Adds one that begins now. */
    void add(String idHash, Role role, String userId, String name, @Nullable String tokens) {
        database.write(handle -> handle.createUpdate("""
                        INSERT INTO session (id_hash, role, user_id, name, tokens, created_at, seen_at)
                        VALUES (:idHash, :role, :userId, :name, :tokens, %s, %s)
                        """.formatted(Database.NOW, Database.NOW))
                .bind("idHash", idHash)
                .bind("role", role.name())
                .bind("userId", userId)
                .bind("name", name)
                .bind("tokens", tokens)
                .execute());
    }

    /**
     * Finds one and notes that it is used.
     *
     * @param idle after how long without use it has ended
     * @param longest after how long it has ended in any case
     */
    Optional<Row> use(String idHash, Duration idle, Duration longest) {
        Optional<Row> found = database.read(handle -> handle.createQuery("""
                        SELECT * FROM session WHERE id_hash = :idHash
                          AND seen_at > %s - :idle AND created_at > %s - :longest
                        """.formatted(Database.NOW, Database.NOW))
                .bind("idHash", idHash)
                .bind("idle", idle.toMillis())
                .bind("longest", longest.toMillis())
                .map(RecordMapper.of(Row.class))
                .findOne());
        // Once a minute is enough: each use would else be a write.
        if (found.isPresent() && found.get().seenAt().plusMillis(NOTE_MILLIS).isBefore(database.now())) {
            database.write(handle -> handle.createUpdate(
                            "UPDATE session SET seen_at = " + Database.NOW + " WHERE id_hash = :idHash")
                    .bind("idHash", idHash)
                    .execute());
        }
        return found;
    }

    /** Replaces the tokens of one. */
    void setTokens(String idHash, String tokens) {
        database.write(handle -> handle.createUpdate("UPDATE session SET tokens = :tokens WHERE id_hash = :idHash")
                .bind("tokens", tokens)
                .bind("idHash", idHash)
                .execute());
    }

    /** Ends one. */
    void end(String idHash) {
        database.write(handle -> handle.createUpdate("DELETE FROM session WHERE id_hash = :idHash")
                .bind("idHash", idHash)
                .execute());
    }

    /** Ends all of them. */
    void endAll() {
        database.write(handle -> handle.execute("DELETE FROM session"));
    }

    /** Forgets those that are over. */
    void forgetOld(Duration idle, Duration longest) {
        database.write(handle -> handle.createUpdate(
                        "DELETE FROM session WHERE seen_at <= %s - :idle OR created_at <= %s - :longest"
                                .formatted(Database.NOW, Database.NOW))
                .bind("idle", idle.toMillis())
                .bind("longest", longest.toMillis())
                .execute());
    }
}
