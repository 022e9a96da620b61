package io.holdfast.manager.verification;

import io.holdfast.manager.backup.VerificationLevel;
import io.holdfast.manager.sql.Database;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the rows of backups say of their verification. */
final class VerificationTable {
    private final Database database;

    VerificationTable(Database database) {
        this.database = database;
    }

    /** The numbers of finished backups where one of these is so, such as {@code 'QUEUED', 'RUNNING'}, the oldest first. */
    List<Long> with(String verification, int most) {
        // The list of all three is what lets the database know that its index has them.
        return database.read(handle -> handle.createQuery("""
                        SELECT id FROM backup
                        WHERE state IN ('DONE', 'VERIFIED', 'SUSPECT') AND verification IN ('NONE', 'QUEUED', 'RUNNING')
                          AND verification IN (%s) ORDER BY id LIMIT :most
                        """.formatted(verification))
                .bind("most", most)
                .mapTo(Long.class)
                .list());
    }

    void queue(long id) {
        set("verification = 'QUEUED'", id, " AND verification <> 'RUNNING'");
    }

    void begin(long id) {
        set("verification = 'RUNNING'", id, "");
    }

    private void set(String assignment, long id, String where) {
        database.note(handle -> handle.createUpdate("UPDATE backup SET " + assignment + " WHERE id = :id" + where)
                .bind("id", id)
                .execute());
    }

    /**
     * Notes what reading back found; nothing good of a backup whose snapshot went missing meanwhile, which is to be read
     * back once more.
     *
     * @param level what it proved, or null when it found damage
     */
    void end(long id, @Nullable VerificationLevel level, String message) {
        database.note(handle -> handle.createUpdate("""
                        UPDATE backup SET verification = CASE WHEN :passed THEN 'PASSED' ELSE 'FAILED' END,
                          read_back = :level, verification_message = :message, verified_at = %s,
                          state = CASE WHEN :passed THEN 'VERIFIED' ELSE 'SUSPECT' END
                        WHERE id = :id AND state IN ('DONE', 'VERIFIED', 'SUSPECT')
                          AND NOT (:passed AND coalesce(snapshot, '') = 'MISSING')
                        """.formatted(Database.NOW))
                .bind("id", id)
                .bind("passed", level != null)
                .bind("level", level == null ? null : level.name())
                .bind("message", message)
                .execute());
    }
}
