package io.holdfast.manager.catalogue;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.Snapshot;
import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.RecordMapper;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** What a comparison of the catalogue with the store reads of backups, and what it notes. */
final class ComparedBackupTable {
    private final Database database;

    ComparedBackupTable(Database database) {
        this.database = database;
    }

    /** Where all of an instance's backups are, oldest first. */
    List<Standing> standings(long instance) {
        return database.read(handle -> handle.createQuery("""
                        SELECT b.id, b.backup_id, b.state, j.state AS job_state, b.deleted_by IS NOT NULL AS deletion_asked
                        FROM backup b JOIN job j ON j.id = b.job
                        WHERE b.instance = :instance ORDER BY b.id
                        """)
                .bind("instance", instance)
                .map(RecordMapper.of(Standing.class))
                .list());
    }

    /** Whether any backup is listed as finished and not deleted. */
    boolean isAnyListed() {
        return database.read(handle -> handle.createQuery(
                        "SELECT 1 FROM backup WHERE state IN ('DONE', 'VERIFIED', 'SUSPECT') LIMIT 1")
                .mapTo(Integer.class)
                .findOne()
                .isPresent());
    }

    /**
     * Takes in a backup that the store has: one that the catalogue does not know, or whose end it has missed. It is held
     * for a week. In a transaction of the caller's.
     *
     * @param manifest the authentic manifest
     * @param text the manifest's file
     * @return the backup's number
     */
    long adopt(long instance, Manifest manifest, String text) {
        long size = manifest.storedBytes();
        return database.write(handle -> {
            Optional<Long> job = handle.createQuery("SELECT job FROM backup WHERE backup_id = :backupId")
                    .bind("backupId", manifest.backupId())
                    .mapTo(Long.class)
                    .findOne();
            long done = job.isPresent() ? job.get() : addDone(handle, instance, manifest);
            handle.createUpdate("""
                            UPDATE job SET state = 'DONE', session = NULL, lease_until = NULL, code = NULL, message = NULL,
                              hint = NULL, finished_at = coalesce(finished_at, :finished)
                            WHERE id = :job
                            """)
                    .bind("job", done)
                    .bind("finished", manifest.finishedAt())
                    .execute();
            return handle.createQuery("""
                            INSERT INTO backup (backup_id, instance, job, state, key_version, engine_version, size, sequence,
                              manifest, finished_at, made_by, noted, snapshot, added_bytes, rests_since, clean, held_at, hold_until, hold_reason)
                            VALUES (:backupId, :instance, :job, 'DONE', :keyVersion, :engine, :size, %s, :manifest,
                              :finished, :maker, :noted, :snapshot, :added, :rests, 1, %s, %s + :held, 'added from the store: earlier holds and rules may be lost')
                            ON CONFLICT (backup_id) DO UPDATE SET state = 'DONE', key_version = excluded.key_version,
                              engine_version = excluded.engine_version, size = excluded.size,
                              sequence = coalesce(backup.sequence, excluded.sequence), manifest = excluded.manifest,
                              finished_at = excluded.finished_at, made_by = excluded.made_by, noted = excluded.noted,
                              snapshot = excluded.snapshot, added_bytes = excluded.added_bytes,
                              rests_since = excluded.rests_since, result = NULL, clean = 1, held_at = excluded.held_at,
                              hold_until = excluded.hold_until, hold_reason = excluded.hold_reason
                            RETURNING id
                            """.formatted(FREE_SEQUENCE, Database.NOW, Database.NOW))
                    .bind("backupId", manifest.backupId())
                    .bind("instance", instance)
                    .bind("job", done)
                    .bind("keyVersion", manifest.keyVersion())
                    .bind("engine", manifest.engineVersion())
                    .bind("size", size)
                    .bind("sequence", manifest.sequence())
                    .bind("manifest", text)
                    .bind("finished", manifest.finishedAt())
                    .bind("maker", Backup.json(manifest.madeBy()))
                    .bind("noted", Backup.json(manifest.notes()))
                    .bind("snapshot", Snapshot.isOne(manifest) ? Snapshot.KEPT.name() : null)
                    .bind("added", manifest.addedBytes())
                    .bind("rests", manifest.restsSince().toEpochMilli())
                    .bind("held", HELD_AFTER_ADOPTION.toMillis())
                    .mapTo(Long.class)
                    .one();
        });
    }

    /** Time to set holds and rules again that a lost catalogue had, before retention goes by the rules that are left. */
    private static final Duration HELD_AFTER_ADOPTION = Duration.ofDays(7);

    /** The manifest's own place in the order, unless another backup has it: then none. */
    private static final String FREE_SEQUENCE =
            "(SELECT :sequence WHERE NOT EXISTS (SELECT 1 FROM backup WHERE sequence = :sequence))";

    private static long addDone(Handle handle, long instance, Manifest manifest) {
        return handle.createQuery("""
                        INSERT INTO job (instance, kind, state, epoch, not_before, created_at, started_at, finished_at)
                        VALUES (:instance, 'BACKUP', 'DONE', 1, 0, :started, :started, :finished) RETURNING id
                        """)
                .bind("instance", instance)
                .bind("started", manifest.startedAt())
                .bind("finished", manifest.finishedAt())
                .mapTo(Long.class)
                .one();
    }

    /** Of a finished backup nothing is in the store any more. Nobody asked for that, so a snapshot of its data stays. */
    void markGone(long id) {
        update("state = 'DELETED', snapshot = NULL", id, "('DONE', 'VERIFIED', 'SUSPECT')");
    }

    /** A deleted backup whose objects came back is deleted once more. */
    void deleteAgain(long id) {
        update("state = 'DELETING'", id, "('DELETED')");
    }

    private void update(String assignments, long id, String from) {
        database.write(handle -> handle.createUpdate(
                        "UPDATE backup SET " + assignments + " WHERE id = :id AND state IN " + from)
                .bind("id", id)
                .execute());
    }
}
