package io.holdfast.manager.deletion;

import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.RecordMapper;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The rows of {@link Deletions}. */
final class DeletionTable {
    private static final String FINISHED = "('DONE', 'VERIFIED', 'SUSPECT')";

    private static final String HELD =
            "(held_at IS NOT NULL AND (hold_until IS NULL OR hold_until > " + Database.NOW + "))";

    private static final String IN_USE = """
            (EXISTS (SELECT 1 FROM restore r JOIN job j ON j.id = r.job
              WHERE r.backup = backup.id AND j.state IN ('QUEUED', 'RUNNING'))
            OR EXISTS (SELECT 1 FROM backup l JOIN job j ON j.id = l.job
              WHERE l.lender = backup.id AND j.state IN ('QUEUED', 'RUNNING', 'COMMITTING')))""";

    private final Database database;

    DeletionTable(Database database) {
        this.database = database;
    }

    /**
     * Marks a backup that somebody wants to go: it is finished, nobody holds it, no restore uses it, it is not lent to a
     * backup that is being made, and another good one of the instance stays, unless the instance itself was deleted.
     */
    boolean beginOnRequest(long id) {
        return database.write(handle -> handle.createUpdate("""
                        UPDATE backup SET state = 'DELETING', deleted_by = 'REQUEST'
                        WHERE id = :id AND state IN %s AND NOT %s AND NOT %s
                          AND (EXISTS (SELECT 1 FROM backup o
                              WHERE o.instance = backup.instance AND o.id <> :id AND o.state IN ('DONE', 'VERIFIED'))
                            OR EXISTS (SELECT 1 FROM instance i
                              WHERE i.id = backup.instance AND i.deleted_at IS NOT NULL))
                        """.formatted(FINISHED, HELD, IN_USE))
                        .bind("id", id)
                        .execute()
                == 1);
    }

    /**
     * Marks a backup that no rule keeps: beside what {@link #beginOnRequest} demands, it is not young, so many other
     * good ones stay, one of which is newer, and nothing is odd about the instance's backups: none is suspect and none
     * is in the future.
     *
     * @param minOthers how many others stay; at least 1
     * @param verifiedOnly whether only those that were read back are good
     */
    boolean beginOnRetention(long id, int minOthers, boolean verifiedOnly, Duration minAge) {
        String good = verifiedOnly ? "('VERIFIED')" : "('DONE', 'VERIFIED')";
        return database.write(
                handle -> handle.createUpdate("""
                        UPDATE backup SET state = 'DELETING', deleted_by = 'RETENTION'
                        WHERE id = :id AND state IN %s AND NOT %s AND NOT %s
                          AND finished_at <= %s - :minAge
                          AND EXISTS (SELECT 1 FROM instance i WHERE i.id = backup.instance AND i.deleted_at IS NULL)
                          AND NOT EXISTS (SELECT 1 FROM backup o WHERE o.instance = backup.instance
                            AND (o.state = 'SUSPECT' OR o.state IN ('DONE', 'VERIFIED') AND o.finished_at > %s))
                          AND EXISTS (SELECT 1 FROM backup o WHERE o.instance = backup.instance
                            AND o.state IN %s AND o.finished_at > backup.finished_at)
                          AND :minOthers <= (SELECT count(*) FROM backup o
                            WHERE o.instance = backup.instance AND o.id <> :id AND o.state IN %s)
                        """.formatted(good, HELD, IN_USE, Database.NOW, Database.NOW, good, good))
                                .bind("id", id)
                                .bind("minAge", minAge.toMillis())
                                .bind("minOthers", Math.max(1, minOthers))
                                .execute()
                        == 1);
    }

    /** Marks a backup of an instance that was deleted so long ago, the last good one too. */
    boolean beginAfterInstance(long id, Duration kept) {
        return database.write(handle -> handle.createUpdate("""
                        UPDATE backup SET state = 'DELETING', deleted_by = 'INSTANCE'
                        WHERE id = :id AND state IN %s AND NOT %s AND NOT %s
                          AND EXISTS (SELECT 1 FROM instance i
                            WHERE i.id = backup.instance AND i.deleted_at <= %s - :kept)
                        """.formatted(FINISHED, HELD, IN_USE, Database.NOW))
                        .bind("id", id)
                        .bind("kept", kept.toMillis())
                        .execute()
                == 1);
    }

    /**
     * Marks all finished backups of an instance, the last good one too. In the transaction in which the caller has seen
     * that none {@link #isAnyHeld is held}.
     */
    void beginAll(long instance) {
        database.write(handle -> handle.createUpdate("UPDATE backup SET state = 'DELETING', deleted_by = 'INSTANCE'"
                        + " WHERE instance = :instance AND state IN " + FINISHED + " AND NOT " + HELD)
                .bind("instance", instance)
                .execute());
    }

    /** A backup that is being made and may name segments of this one. */
    Optional<String> borrower(long id) {
        return database.read(handle ->
                handle.createQuery("""
                        SELECT b.backup_id FROM backup b JOIN job j ON j.id = b.job
                        WHERE b.lender = :id AND j.state IN ('QUEUED', 'RUNNING', 'COMMITTING') ORDER BY b.id LIMIT 1
                        """).bind("id", id).mapTo(String.class).findOne());
    }

    /**
     * A backup that may use segments.
     *
     * @param hasManifest whether its manifest is noted
     */
    record Standing(long id, String backupId, BackupState state, boolean hasManifest) {}

    /** All backups of all lives of an instance that are finished and not gone, or being committed. */
    List<Standing> standings(String folder) {
        return database.read(handle -> handle.createQuery("""
                        SELECT b.id, b.backup_id, b.state, b.manifest IS NOT NULL AS has_manifest
                        FROM backup b JOIN instance i ON i.id = b.instance
                        WHERE i.folder = :folder
                          AND b.state IN ('UPLOADED', 'DONE', 'VERIFIED', 'SUSPECT', 'DELETING') ORDER BY b.id
                        """)
                .bind("folder", folder)
                .map(RecordMapper.of(Standing.class))
                .list());
    }

    /** A marked backup is gone from the store. */
    void end(long id) {
        database.write(handle -> handle.createUpdate(
                        "UPDATE backup SET state = 'DELETED' WHERE id = :id AND state = 'DELETING'")
                .bind("id", id)
                .execute());
    }

    boolean hold(long id, String reason, @Nullable Instant until) {
        return database.write(handle -> handle.createUpdate("""
                                UPDATE backup SET held_at = %s, hold_until = :until, hold_reason = :reason
                                WHERE id = :id AND state IN %s
                                """.formatted(Database.NOW, FINISHED))
                        .bind("id", id)
                        .bind("until", until == null ? null : (Long) until.toEpochMilli())
                        .bind("reason", reason)
                        .execute()
                == 1);
    }

    void release(long id) {
        database.write(handle -> handle.createUpdate(
                        "UPDATE backup SET held_at = NULL, hold_until = NULL, hold_reason = NULL WHERE id = :id")
                .bind("id", id)
                .execute());
    }

    List<Deletions.Count> counts() {
        return database.read(handle -> handle.createQuery("""
                        SELECT coalesce(deleted_by, 'REQUEST') AS cause, sum(count) AS count
                        FROM (SELECT deleted_by, count(*) AS count
                          FROM backup WHERE state = 'DELETED' GROUP BY deleted_by) AS each_one
                        GROUP BY coalesce(deleted_by, 'REQUEST') ORDER BY 1
                        """)
                .map(RecordMapper.of(Deletions.Count.class))
                .list());
    }

    /** Whether somebody holds a finished backup of an instance. */
    boolean isAnyHeld(long instance) {
        return database.read(handle -> handle.createQuery("SELECT count(*) FROM backup WHERE instance = :instance"
                                + " AND state IN " + FINISHED + " AND " + HELD)
                        .bind("instance", instance)
                        .mapTo(Integer.class)
                        .one()
                > 0);
    }

    /** The numbers of some of those that are being deleted, behind one of them, oldest first. */
    List<Long> deletingAfter(long id) {
        return database.read(handle -> handle.createQuery(
                        "SELECT id FROM backup WHERE state = 'DELETING' AND id > :id ORDER BY id LIMIT 100")
                .bind("id", id)
                .mapTo(Long.class)
                .list());
    }

    /** The numbers of all of an instance that are being deleted, oldest first. */
    List<Long> deleting(long instance) {
        return database.read(handle -> handle.createQuery(
                        "SELECT id FROM backup WHERE instance = :instance AND state = 'DELETING' ORDER BY id")
                .bind("instance", instance)
                .mapTo(Long.class)
                .list());
    }

    /** The numbers of ended ones whose failed attempts' garbage in the store has not been collected yet. */
    List<Long> withGarbage() {
        return database.read(handle -> handle.createQuery("""
                        SELECT id FROM backup
                        WHERE clean = 0 AND state IN ('FAILED', 'DONE', 'VERIFIED', 'SUSPECT') ORDER BY id LIMIT 100
                        """).mapTo(Long.class).list());
    }

    /** The garbage of one has been collected. */
    void markClean(long id) {
        database.note(handle -> handle.createUpdate("UPDATE backup SET clean = 1 WHERE id = :id")
                .bind("id", id)
                .execute());
    }
}
