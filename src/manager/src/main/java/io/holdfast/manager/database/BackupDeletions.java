package io.holdfast.manager.database;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Marks backups for deletion, and keeps them from it. Whether one may go is decided in the statement that marks it, so
 * that there is no moment between the look and the mark. On databases with several writers, each first takes the
 * instance's row: two that each count the other's backup as the one that stays cannot pass each other.
 */
public final class BackupDeletions {
    private static final String FINISHED = "('DONE', 'VERIFIED', 'SUSPECT')";
    private static final String HELD =
            "(held_at IS NOT NULL AND (hold_until IS NULL OR hold_until > " + Database.NOW + "))";
    private static final String IN_USE = """
            EXISTS (SELECT 1 FROM restore r JOIN job j ON j.id = r.job
              WHERE r.backup = backup.id AND j.state IN ('QUEUED', 'RUNNING'))""";

    private final Database database;

    public BackupDeletions(Database database) {
        this.database = database;
    }

    /** Who asked for a deletion. */
    public enum Cause {
        REQUEST,
        INSTANCE,
        RETENTION
    }

    /** How many backups were deleted for one cause. */
    public record Count(Cause cause, long count) {}

    /**
     * Marks a backup that somebody wants to go: it is finished, nobody holds it, no restore uses it, and another good
     * one of the instance stays, unless the instance itself was deleted.
     */
    public boolean beginOnRequest(long id) {
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
    public boolean beginOnRetention(long id, int minOthers, boolean verifiedOnly, Duration minAge) {
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
    public boolean beginAfterInstance(long id, Duration kept) {
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
    public void beginAll(long instance) {
        database.write(handle -> handle.createUpdate("UPDATE backup SET state = 'DELETING', deleted_by = 'INSTANCE'"
                        + " WHERE instance = :instance AND state IN " + FINISHED + " AND NOT " + HELD)
                .bind("instance", instance)
                .execute());
    }

    /** A marked backup is gone from the store. */
    public void end(long id) {
        database.write(handle -> handle.createUpdate(
                        "UPDATE backup SET state = 'DELETED' WHERE id = :id AND state = 'DELETING'")
                .bind("id", id)
                .execute());
    }

    /**
     * Keeps a finished backup from being deleted; a hold that is there is replaced.
     *
     * @param until when the hold ends automatically, or null for never
     * @return false when it is not finished, or goes already
     */
    public boolean hold(long id, String reason, @Nullable Instant until) {
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

    /** Ends a hold. Fine when there is none. */
    public void release(long id) {
        database.write(handle -> handle.createUpdate(
                        "UPDATE backup SET held_at = NULL, hold_until = NULL, hold_reason = NULL WHERE id = :id")
                .bind("id", id)
                .execute());
    }

    /** How many backups were deleted, by who asked. Rows stay, so the counts never go down. */
    public List<Count> counts() {
        return database.read(handle ->
                handle.createQuery("""
                        SELECT coalesce(deleted_by, 'REQUEST') AS cause, sum(count) AS count
                        FROM (SELECT deleted_by, count(*) AS count
                          FROM backup WHERE state = 'DELETED' GROUP BY deleted_by) AS each_one
                        GROUP BY coalesce(deleted_by, 'REQUEST') ORDER BY 1
                        """).map(RecordMapper.of(Count.class)).list());
    }

    /** Whether somebody holds a finished backup of an instance. */
    public boolean isAnyHeld(long instance) {
        return database.read(handle -> handle.createQuery("SELECT count(*) FROM backup WHERE instance = :instance"
                                + " AND state IN " + FINISHED + " AND " + HELD)
                        .bind("instance", instance)
                        .mapTo(Integer.class)
                        .one()
                > 0);
    }
}
