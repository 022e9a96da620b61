package io.holdfast.manager.restore;

import io.holdfast.manager.jobs.Job;
import io.holdfast.manager.jobs.JobKind;
import io.holdfast.manager.jobs.JobState;
import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.RecordMapper;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.Phase;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The rows of {@link Restores}. */
final class RestoreTable {
    /**
     * Runs twice a second, with the turn that all writers need: the state is asked of each restore that has an identity, which
     * are few. As a list of all ended jobs, with which SQLite began, it took 0.4 s with a million of them.
     */
    static final String DROP_SEALED = """
            UPDATE restore SET sealed_identity = NULL
            WHERE sealed_identity IS NOT NULL
              AND (SELECT state FROM job WHERE id = restore.job) IN ('DONE', 'FAILED', 'CANCELLED')
            """;

    private static final String SELECT = """
            SELECT r.id, r.instance, r.backup, r.job, r.skip_broken, r.result, b.backup_id AS backup_name, j.created_at, j.started_at,
              CASE WHEN j.state IN ('FAILED', 'CANCELLED') THEN r.live_data END AS live_data, j.finished_at, j.state, j.cancel_requested,
              j.epoch, j.phase, j.detail, j.bytes_in, j.bytes_out, j.estimated_bytes, j.code, j.message, j.hint
            FROM restore r JOIN job j ON j.id = r.job JOIN backup b ON b.id = r.backup
            """;

    private final Database database;

    RestoreTable(Database database) {
        this.database = database;
    }

    /** Adds a restore that its job will do. */
    long add(long instance, long backup, long job) {
        return database.write(handle -> handle.createQuery("""
                        INSERT INTO restore (id, instance, backup, job)
                        VALUES ((SELECT max(n) FROM (SELECT coalesce(max(id), 0) + 1 AS n FROM restore
                                   UNION ALL SELECT least FROM restore_number) AS numbers),
                          :instance, :backup, :job) RETURNING id
                        """)
                .bind("instance", instance)
                .bind("backup", backup)
                .bind("job", job)
                .mapTo(Long.class)
                .one());
    }

    void numberFromNow() {
        database.write(handle -> handle.execute(
                "INSERT INTO restore_number (least) SELECT (%s - 1767225600000) / 60000".formatted(Database.NOW)));
    }

    Optional<Restore> find(long instance, long id) {
        return database.read(handle -> handle.createQuery(SELECT + "WHERE r.id = :id AND r.instance = :instance")
                .bind("id", id)
                .bind("instance", instance)
                .map(RecordMapper.of(Row.class))
                .map(Row::restore)
                .findOne());
    }

    Restore ofJob(long job) {
        return database.read(handle -> handle.createQuery(SELECT + "WHERE r.job = :job")
                .bind("job", job)
                .map(RecordMapper.of(Row.class))
                .map(Row::restore)
                .one());
    }

    List<Restore> list(long instance) {
        return list(instance, Long.MAX_VALUE, Integer.MAX_VALUE);
    }

    List<Restore> list(long instance, long before, int most) {
        return database.read(handle -> handle.createQuery(
                        SELECT + "WHERE r.instance = :instance AND r.id < :before ORDER BY r.id DESC LIMIT :most")
                .bind("instance", instance)
                .bind("before", before)
                .bind("most", most)
                .map(RecordMapper.of(Row.class))
                .map(Row::restore)
                .list());
    }

    Set<Long> backupsInUse(long instance) {
        return database.read(handle -> handle.createQuery("""
                        SELECT r.backup FROM restore r JOIN job j ON j.id = r.job
                        WHERE r.instance = :instance AND j.state IN ('QUEUED', 'RUNNING')
                        """)
                .bind("instance", instance)
                .mapTo(Long.class)
                .collect(Collectors.toSet()));
    }

    /** Keeps the sealed identity that a restore begins with, until its job has ended. */
    void keepSealed(long id, byte[] sealed) {
        database.write(handle -> handle.createUpdate("UPDATE restore SET sealed_identity = :sealed WHERE id = :id")
                .bind("sealed", sealed)
                .bind("id", id)
                .execute());
    }

    /** The sealed identity of a restore that was begun with a passphrase. */
    Optional<byte[]> sealed(long id) {
        return database.read(handle -> handle.createQuery(
                        "SELECT sealed_identity FROM restore WHERE id = :id AND sealed_identity IS NOT NULL")
                .bind("id", id)
                .mapTo(byte[].class)
                .findOne());
    }

    void dropSealed() {
        database.note(handle -> handle.createUpdate(DROP_SEALED).execute());
    }

    /** Notes before the job begins that parts of the backup which cannot come back are to be left out. */
    void skipBroken(long id) {
        database.write(handle -> handle.createUpdate("UPDATE restore SET skip_broken = 1 WHERE id = :id")
                .bind("id", id)
                .execute());
    }

    void setLiveData(long job, JobFailure.LiveData liveData) {
        set(job, "live_data", liveData.name());
    }

    void setResult(long job, String result) {
        set(job, "result", result);
    }

    private void set(long job, String column, String value) {
        database.write(handle -> handle.createUpdate("UPDATE restore SET " + column + " = :value WHERE job = :job")
                .bind("value", value)
                .bind("job", job)
                .execute());
    }

    /** A row with its job's. */
    record Row(
            long id,
            long instance,
            long backup,
            String backupName,
            long job,
            JobFailure.@Nullable LiveData liveData,
            @Nullable String result,
            boolean skipBroken,
            Instant createdAt,
            @Nullable Instant startedAt,
            @Nullable Instant finishedAt,
            JobState state,
            boolean cancelRequested,
            int epoch,
            @Nullable Phase phase,
            @Nullable String detail,
            long bytesIn,
            long bytesOut,
            @Nullable Long estimatedBytes,
            @Nullable FailureCode code,
            @Nullable String message,
            @Nullable String hint) {
        private Restore restore() {
            return new Restore(
                    id,
                    instance,
                    backup,
                    backupName,
                    liveData,
                    result,
                    skipBroken,
                    new Job(
                            job,
                            instance,
                            JobKind.RESTORE,
                            state,
                            epoch,
                            cancelRequested,
                            phase,
                            detail,
                            bytesIn,
                            bytesOut,
                            estimatedBytes,
                            createdAt,
                            startedAt,
                            finishedAt,
                            code,
                            message,
                            hint));
        }
    }
}
