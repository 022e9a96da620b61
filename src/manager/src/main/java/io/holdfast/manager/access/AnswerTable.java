package io.holdfast.manager.access;

import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.RecordMapper;
import java.util.Optional;

/** Answers to requests that came with an {@code Idempotency-Key}, kept for a day. */
final class AnswerTable {
    private static final long KEPT_MILLIS = 24L * 3600 * 1000;

    private final Database database;

    AnswerTable(Database database) {
        this.database = database;
    }

    /**
     * A kept answer.
     *
     * @param request a hash of the request that it answered
     */
    record Answer(String request, int status, String body) {}

    Optional<Answer> find(String caller, String key) {
        return database.write(handle -> {
            handle.createUpdate("DELETE FROM answer WHERE created_at < " + Database.NOW + " - " + KEPT_MILLIS)
                    .execute();
            return handle.createQuery("SELECT request, status, body FROM answer WHERE caller = :caller AND key = :key")
                    .bind("caller", caller)
                    .bind("key", key)
                    .map(RecordMapper.of(Answer.class))
                    .findOne();
        });
    }

    void keep(String caller, String key, Answer answer) {
        database.write(handle -> handle.createUpdate("""
                        INSERT INTO answer (caller, key, request, status, body, created_at)
                        VALUES (:caller, :key, :request, :status, :body, %s)
                        """.formatted(Database.NOW))
                .bind("caller", caller)
                .bind("key", key)
                .bind("request", answer.request())
                .bind("status", answer.status())
                .bind("body", answer.body())
                .execute());
    }
}
