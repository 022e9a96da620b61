package io.holdfast.manager.backup;

import io.holdfast.format.json.Json;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.manager.jobs.Job;
import io.holdfast.manager.jobs.JobKind;
import io.holdfast.manager.jobs.JobOrigin;
import io.holdfast.manager.jobs.JobState;
import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.RecordMapper;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Phase;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/** The rows of {@link Backups}. */
final class BackupTable {
    private final Database database;

    BackupTable(Database database) {
        this.database = database;
    }

    /** Backups from before anything was shared have brought all that they use. */
    private static final String SELECT = """
            SELECT b.id, b.backup_id, b.instance, b.job, b.state, b.key_version, b.engine_version, b.size,
              coalesce(b.added_bytes, b.size) AS added_bytes, b.sequence, b.finished_at, b.verification, b.read_back, b.verification_message, b.verified_at, b.held_at,
              b.hold_until, b.hold_reason, b.made_by, b.noted, b.snapshot, j.created_at, j.started_at, j.finished_at AS ended_at, j.state AS job_state,
              j.origin, j.cancel_requested, j.epoch, j.phase, j.detail,
              j.bytes_in, j.bytes_out, j.estimated_bytes, j.code, j.message, j.hint
            FROM backup b JOIN job j ON j.id = b.job
            """;

    Optional<String> manifest(long id) {
        return document("manifest", id);
    }

    /** What the agent reported, as JSON, from {@code UPLOADED} on until it is done. */
    Optional<String> report(long id) {
        return document("result", id);
    }

    /** The lenders of the backups of an instance that are being made. */
    Set<Long> lent(long instance) {
        return database.read(handle -> handle.createQuery("""
                        SELECT b.lender FROM backup b JOIN job j ON j.id = b.job
                        WHERE b.instance = :instance AND b.lender IS NOT NULL
                          AND j.state IN ('QUEUED', 'RUNNING', 'COMMITTING')
                        """)
                .bind("instance", instance)
                .mapTo(Long.class)
                .set());
    }

    private Optional<String> document(String column, long id) {
        return database.read(handle -> handle.createQuery("SELECT " + column + " FROM backup WHERE id = :id")
                .bind("id", id)
                .mapTo(String.class)
                .findOne());
    }

    /**
     * Adds a backup that its job will make.
     *
     * @param fresh whether it has to bring all of its segments
     */
    long add(long instance, long job, String backupId, boolean fresh) {
        return database.write(
                instance,
                handle -> handle.createQuery("""
                        INSERT INTO backup (backup_id, instance, job, state, fresh)
                        VALUES (:backupId, :instance, :job, 'PENDING', :fresh) RETURNING id
                        """)
                        .bind("backupId", backupId)
                        .bind("instance", instance)
                        .bind("job", job)
                        .bind("fresh", fresh ? 1 : 0)
                        .mapTo(Long.class)
                        .one());
    }

    Optional<Backup> find(long instance, long id) {
        return one("WHERE b.id = :a AND b.instance = :b", id, instance);
    }

    Optional<Backup> findByName(String backupId) {
        return database.read(handle ->
                rows(handle.createQuery(SELECT + "WHERE b.backup_id = :name").bind("name", backupId)).stream()
                        .findFirst());
    }

    Backup get(long id) {
        return one("WHERE b.id = :a AND b.id = :b", id, id).orElseThrow();
    }

    Backup ofJob(long job) {
        return one("WHERE b.job = :a AND b.job = :b", job, job).orElseThrow();
    }

    List<Backup> list(long instance) {
        return list(instance, Long.MAX_VALUE, Integer.MAX_VALUE);
    }

    List<Backup> list(long instance, long before, int most) {
        return database.read(handle -> rows(handle.createQuery(
                        SELECT + "WHERE b.instance = :instance AND b.id < :before ORDER BY b.id DESC LIMIT :most")
                .bind("instance", instance)
                .bind("before", before)
                .bind("most", most)));
    }

    List<BackupAge> ages(long instance) {
        return database.read(handle -> handle.createQuery("""
                        SELECT id, backup_id, state, sequence, finished_at, rests_since, held_at, hold_until FROM backup
                        WHERE instance = :instance AND state IN ('PENDING', 'UPLOADED', 'DONE', 'VERIFIED', 'SUSPECT')
                        ORDER BY id DESC
                        """)
                .bind("instance", instance)
                .map(RecordMapper.of(BackupAge.class))
                .list());
    }

    /** Notes what the agent reported, together with the job's step to {@code COMMITTING}. */
    void markUploaded(long id, String result) {
        update("UPDATE backup SET state = 'UPLOADED', result = :b WHERE id = :a AND state = 'PENDING'", id, result);
    }

    /** An attempt failed after its upload: the next begins anew. */
    void markPending(long id) {
        update("UPDATE backup SET state = 'PENDING', result = NULL, manifest = NULL WHERE id = :a", id, "");
    }

    void markFailed(long id) {
        update("UPDATE backup SET state = 'FAILED' WHERE id = :a", id, "");
    }

    /** The backup's place in the order of commits, given once. */
    long sequence(long id) {
        return database.write(handle -> {
            handle.createUpdate("""
                            UPDATE backup SET sequence = (SELECT coalesce(max(sequence), 0) + 1 FROM backup)
                            WHERE id = :id AND sequence IS NULL
                            """).bind("id", id).execute();
            return handle.createQuery("SELECT sequence FROM backup WHERE id = :id")
                    .bind("id", id)
                    .mapTo(Long.class)
                    .one();
        });
    }

    /**
     * Notes the manifest that is about to be written, so that a later try writes the very same.
     *
     * @return the one that counts: this, or the one that another manager noted first; empty when the attempt is not
     *     being committed any more
     */
    Optional<String> prepareManifest(Backup backup, int epoch, String manifest) {
        long id = backup.id();
        long job = backup.job().id();
        return database.write(backup.instance(), handle -> {
            handle.createUpdate("UPDATE backup SET manifest = :manifest WHERE id = :id AND manifest IS NULL AND "
                            + BEING_COMMITTED + " AND " + LENDER_GOOD)
                    .bind("manifest", manifest)
                    .bind("id", id)
                    .bind("job", job)
                    .bind("epoch", epoch)
                    .execute();
            return handle.createQuery("SELECT manifest FROM backup WHERE id = :id AND manifest IS NOT NULL AND "
                            + BEING_COMMITTED)
                    .bind("id", id)
                    .bind("job", job)
                    .bind("epoch", epoch)
                    .mapTo(String.class)
                    .findOne();
        });
    }

    private static final String BEING_COMMITTED =
            "EXISTS (SELECT 1 FROM job WHERE id = :job AND epoch = :epoch AND state = 'COMMITTING')";

    /** What goes before the attempt is not for it when it encrypts to something else. */
    void encryptTo(long id, int epoch, int keyVersion, String to) {
        database.note(handle -> handle.createUpdate("""
                        UPDATE backup SET key_version = :version, encrypted_to = :to,
                          reuse_from = CASE WHEN encrypted_to = :to THEN reuse_from ELSE :epoch END
                        WHERE id = :id AND %s
                        """.formatted(LIVE))
                .bind("version", keyVersion)
                .bind("to", to)
                .bind("epoch", epoch)
                .bind("id", id)
                .execute());
    }

    void markDone(long id, Manifest manifest) {
        database.write(handle -> handle.createUpdate("""
                        UPDATE backup SET state = 'DONE', size = :size, added_bytes = :added, rests_since = :restsSince,
                          engine_version = :engine, finished_at = %s, made_by = :maker, noted = :noted, result = NULL,
                          clean = CASE WHEN EXISTS (SELECT 1 FROM job j WHERE j.id = backup.job AND j.epoch > 1)
                            THEN 0 ELSE 1 END
                        WHERE id = :id AND state = 'UPLOADED'
                        """.formatted(Database.NOW))
                .bind("id", id)
                .bind("size", manifest.storedBytes())
                .bind("added", manifest.addedBytes())
                .bind("restsSince", manifest.restsSince().toEpochMilli())
                .bind("engine", manifest.engineVersion())
                .bind("maker", Backup.json(manifest.madeBy()))
                .bind("noted", Backup.json(manifest.notes()))
                .execute());
    }

    boolean isFresh(long id) {
        return database.read(handle -> handle.createQuery("SELECT fresh FROM backup WHERE id = :id")
                        .bind("id", id)
                        .mapTo(Integer.class)
                        .one()
                == 1);
    }

    void markFresh(long id) {
        update("UPDATE backup SET fresh = 1 WHERE id = :a", id, "");
    }

    void useNoneBefore(long id, int attempt) {
        update("UPDATE backup SET reuse_from = :b WHERE id = :a AND reuse_from < :b", id, attempt);
    }

    Optional<Long> lender(long id) {
        return database.read(
                handle -> handle.createQuery("SELECT lender FROM backup WHERE id = :id AND lender IS NOT NULL")
                        .bind("id", id)
                        .mapTo(Long.class)
                        .findOne());
    }

    /** Whether an attempt at a backup is the one that runs. */
    private static final String LIVE = """
            EXISTS (SELECT 1 FROM job j WHERE j.id = backup.job AND j.epoch = :epoch AND j.state = 'RUNNING')""";

    boolean borrow(long instance, long id, int epoch, @Nullable Long lender) {
        return database.write(
                instance,
                handle -> handle.createQuery("""
                                UPDATE backup SET lender = (
                                  SELECT o.id FROM backup o WHERE o.id = :lender AND o.state IN ('DONE', 'VERIFIED'))
                                WHERE id = :id AND %s RETURNING CASE WHEN lender IS NULL THEN 0 ELSE 1 END
                                """.formatted(LIVE))
                                .bind("lender", lender)
                                .bind("id", id)
                                .bind("epoch", epoch)
                                .mapTo(Integer.class)
                                .findOne()
                                .orElse(0)
                        == 1);
    }

    boolean isLenderGood(long id) {
        return database.read(
                handle -> handle.createQuery("SELECT count(*) FROM backup WHERE id = :id AND " + LENDER_GOOD)
                                .bind("id", id)
                                .mapTo(Integer.class)
                                .one()
                        == 1);
    }

    private static final String LENDER_GOOD = """
            (lender IS NULL OR EXISTS (SELECT 1 FROM backup o WHERE o.id = backup.lender
              AND o.state IN ('DONE', 'VERIFIED')))""";

    private void update(String sql, long id, Object other) {
        database.write(handle -> {
            var update = handle.createUpdate(sql).bind("a", id);
            return (sql.contains(":b") ? update.bind("b", other) : update).execute();
        });
    }

    private Optional<Backup> one(String where, long a, long b) {
        return database.read(
                handle -> rows(handle.createQuery(SELECT + where).bind("a", a).bind("b", b)).stream()
                        .findFirst());
    }

    private static List<Backup> rows(Query query) {
        return query.map(RecordMapper.of(Row.class)).stream().map(Row::backup).toList();
    }

    /** A row with its job's. */
    record Row(
            long id,
            String backupId,
            long instance,
            long job,
            BackupState state,
            @Nullable Integer keyVersion,
            @Nullable String engineVersion,
            @Nullable Long size,
            @Nullable Long addedBytes,
            @Nullable Long sequence,
            @Nullable Instant finishedAt,
            VerificationState verification,
            @Nullable VerificationLevel readBack,
            @Nullable String verificationMessage,
            @Nullable Instant verifiedAt,
            @Nullable Instant heldAt,
            @Nullable Instant holdUntil,
            @Nullable String holdReason,
            Instant createdAt,
            @Nullable Instant startedAt,
            @Nullable Instant endedAt,
            JobState jobState,
            @Nullable JobOrigin origin,
            @Nullable String madeBy,
            @Nullable String noted,
            @Nullable Snapshot snapshot,
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
        private Backup backup() {
            return new Backup(
                    id,
                    backupId,
                    instance,
                    state,
                    keyVersion,
                    engineVersion,
                    size,
                    addedBytes,
                    sequence,
                    finishedAt,
                    new Verification(verification, readBack, verificationMessage, verifiedAt),
                    Hold.of(heldAt, holdUntil, holdReason),
                    new Provenance(
                            origin, madeBy == null ? null : Json.mapper().readValue(madeBy, Manifest.MadeBy.class)),
                    noted == null ? List.of() : List.of(Json.mapper().readValue(noted, String[].class)),
                    snapshot,
                    new Job(
                            job,
                            instance,
                            JobKind.BACKUP,
                            jobState,
                            epoch,
                            cancelRequested,
                            phase,
                            detail,
                            bytesIn,
                            bytesOut,
                            estimatedBytes,
                            createdAt,
                            startedAt,
                            endedAt,
                            code,
                            message,
                            hint));
        }
    }
}
