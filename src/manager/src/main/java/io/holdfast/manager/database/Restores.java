package io.holdfast.manager.database;

import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.Phase;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The restores. */
public final class Restores {
    private static final String SELECT = """
            SELECT r.id, r.instance, r.backup, r.job, r.skip_broken, r.result, b.backup_id AS backup_name, j.created_at, j.started_at,
              CASE WHEN j.state IN ('FAILED', 'CANCELLED') THEN r.live_data END AS live_data, j.finished_at, j.state,
              j.epoch, j.phase, j.detail, j.bytes_in, j.bytes_out, j.estimated_bytes, j.code, j.message, j.hint
            FROM restore r JOIN job j ON j.id = r.job JOIN backup b ON b.id = r.backup
            """;

    private final Database database;

    public Restores(Database database) {
        this.database = database;
    }

    /**
     * A restore with its job.
     *
     * @param id its number in the API
     * @param backup the number of the backup that is restored
     * @param backupName that backup's name in the store
     * @param liveData what the instance holds when the restore has failed: not what an attempt said that another one followed
     * @param result what the agent reported, as JSON, once done
     * @param skipBroken whether somebody has asked that what cannot come back is left out
     */
    public record Restore(
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
            Jobs.State state,
            int epoch,
            @Nullable Phase phase,
            @Nullable String detail,
            long bytesIn,
            long bytesOut,
            @Nullable Long estimatedBytes,
            @Nullable FailureCode code,
            @Nullable String message,
            @Nullable String hint) {}

    /** Adds a restore that its job will do. */
    public long add(long instance, long backup, long job) {
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

    /**
     * Numbers later restores from the minutes since 2026 on: a catalogue that was lost, or one that is older than what
     * agents have done, must not give a number again that names data which an agent keeps.
     */
    public void numberFromNow() {
        database.write(handle -> handle.execute(
                "INSERT INTO restore_number (least) SELECT (%s - 1767225600000) / 60000".formatted(Database.NOW)));
    }

    public Optional<Restore> find(long instance, long id) {
        return database.read(handle -> handle.createQuery(SELECT + "WHERE r.id = :id AND r.instance = :instance")
                .bind("id", id)
                .bind("instance", instance)
                .map(RecordMapper.of(Restore.class))
                .findOne());
    }

    public Restore ofJob(long job) {
        return database.read(handle -> handle.createQuery(SELECT + "WHERE r.job = :job")
                .bind("job", job)
                .map(RecordMapper.of(Restore.class))
                .one());
    }

    /** All of an instance, newest first. */
    public List<Restore> list(long instance) {
        return list(instance, Long.MAX_VALUE, Integer.MAX_VALUE);
    }

    /**
     * Some of an instance, newest first.
     *
     * @param before only those with smaller numbers
     * @param most how many at most
     */
    public List<Restore> list(long instance, long before, int most) {
        return database.read(handle -> handle.createQuery(
                        SELECT + "WHERE r.instance = :instance AND r.id < :before ORDER BY r.id DESC LIMIT :most")
                .bind("instance", instance)
                .bind("before", before)
                .bind("most", most)
                .map(RecordMapper.of(Restore.class))
                .list());
    }

    /** The numbers of an instance's backups that restores need which have not ended. */
    public Set<Long> backupsInUse(long instance) {
        return database.read(handle -> handle.createQuery("""
                        SELECT r.backup FROM restore r JOIN job j ON j.id = r.job
                        WHERE r.instance = :instance AND j.state IN ('QUEUED', 'RUNNING')
                        """)
                .bind("instance", instance)
                .mapTo(Long.class)
                .collect(Collectors.toSet()));
    }

    /** Keeps the sealed identity that a restore begins with, until its job has ended. */
    public void keepSealed(long id, byte[] sealed) {
        database.write(handle -> handle.createUpdate("UPDATE restore SET sealed_identity = :sealed WHERE id = :id")
                .bind("sealed", sealed)
                .bind("id", id)
                .execute());
    }

    /** The sealed identity of a restore that was begun with a passphrase. */
    public Optional<byte[]> sealed(long id) {
        return database.read(handle -> handle.createQuery(
                        "SELECT sealed_identity FROM restore WHERE id = :id AND sealed_identity IS NOT NULL")
                .bind("id", id)
                .mapTo(byte[].class)
                .findOne());
    }

    /** Drops the sealed identities of restores that have ended. */
    public void dropSealed() {
        database.note(handle -> handle.createUpdate("""
                        UPDATE restore SET sealed_identity = NULL WHERE sealed_identity IS NOT NULL AND job IN (
                          SELECT id FROM job WHERE state IN ('DONE', 'FAILED', 'CANCELLED'))
                        """).execute());
    }

    /** Notes before the job begins that parts of the backup which cannot come back are to be left out. */
    public void skipBroken(long id) {
        database.write(handle -> handle.createUpdate("UPDATE restore SET skip_broken = 1 WHERE id = :id")
                .bind("id", id)
                .execute());
    }

    public void setLiveData(long job, JobFailure.LiveData liveData) {
        set(job, "live_data", liveData.name());
    }

    public void setResult(long job, String result) {
        set(job, "result", result);
    }

    private void set(long job, String column, String value) {
        database.write(handle -> handle.createUpdate("UPDATE restore SET " + column + " = :value WHERE job = :job")
                .bind("value", value)
                .bind("job", job)
                .execute());
    }
}
