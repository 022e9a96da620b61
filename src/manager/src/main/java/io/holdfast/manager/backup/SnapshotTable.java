package io.holdfast.manager.backup;

import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.RecordMapper;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rows of {@link BackupSnapshots}. */
final class SnapshotTable {
    /** A backup may have ended between an agent's look and its word. */
    private static final Duration YOUNG = Duration.ofMinutes(10);

    /** After so long without a look at the repository its backups count no more. */
    private static final Duration UNSEEN = Duration.ofDays(1);

    private final Database database;

    SnapshotTable(Database database) {
        this.database = database;
    }

    /** A backup as it is compared. */
    record Row(
            long id,
            String backupId,
            BackupState state,
            @Nullable Snapshot snapshot,
            boolean clean,
            boolean young) {}

    /** A first failure counts as the look from which on time is counted. */
    void noteLook(long instance, @Nullable String failure) {
        database.write(handle -> handle.createUpdate("""
                        UPDATE instance SET snapshots_failure = :failure,
                          snapshots_seen_at = CASE WHEN :failed THEN coalesce(snapshots_seen_at, %s) ELSE %s END
                        WHERE id = :id
                        """.formatted(Database.NOW, Database.NOW))
                .bind("id", instance)
                .bind("failed", failure != null)
                .bind("failure", failure)
                .execute());
    }

    boolean isUnseen(long instance) {
        return database.read(handle -> handle.createQuery("""
                                SELECT count(*) FROM instance WHERE id = :id AND snapshots_seen_at < %s - :unseen
                                """.formatted(Database.NOW))
                        .bind("id", instance)
                        .bind("unseen", UNSEEN.toMillis())
                        .mapTo(Integer.class)
                        .one()
                == 1);
    }

    /** The agent has just made it. */
    void noteKept(long backup) {
        update(backup, "snapshot = 'KEPT'");
    }

    List<Row> rows(long instance) {
        return database.read(handle -> handle.createQuery("""
                        SELECT id, backup_id, state, snapshot, clean,
                          coalesce(finished_at > %s - :young, false) AS young
                        FROM backup WHERE instance = :instance AND (snapshot IS NOT NULL OR state = 'FAILED')
                        """.formatted(Database.NOW))
                .bind("instance", instance)
                .bind("young", YOUNG.toMillis())
                .map(RecordMapper.of(Row.class))
                .list());
    }

    /** Nothing is left of a snapshot that nobody needs. */
    void forget(long backup) {
        update(backup, "snapshot = NULL");
    }

    /** A snapshot is not found: the backup counts no more, and reading it back says why. */
    void miss(long backup) {
        update(backup, "snapshot = 'MISSING', state = 'SUSPECT', verification = 'QUEUED'");
    }

    /** A snapshot that was missing is found again. */
    void found(long backup) {
        update(backup, "snapshot = 'KEPT', verification = 'QUEUED'");
    }

    private void update(long backup, String assignments) {
        database.write(handle -> handle.createUpdate("UPDATE backup SET " + assignments + " WHERE id = :id")
                .bind("id", backup)
                .execute());
    }
}
