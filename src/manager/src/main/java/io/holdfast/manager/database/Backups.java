package io.holdfast.manager.database;

import io.holdfast.format.json.Json;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.manager.database.BackupSnapshots.Snapshot;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Phase;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/** The catalogue of backups. */
public final class Backups {
    private final Database database;

    public Backups(Database database) {
        this.database = database;
    }

    /** Where a backup is. */
    public enum State {
        PENDING,
        /** The agent sent everything; nothing is proven yet. */
        UPLOADED,
        /** The store has what the agent sent, and the manifest is written. */
        DONE,
        /** It was read back, decrypted and decompressed to its end. */
        VERIFIED,
        /** Reading it back found damage. */
        SUSPECT,
        FAILED,
        DELETING,
        DELETED;

        /** Whether it counts as a good one and may be restored. */
        public boolean isGood() {
            return this == DONE || this == VERIFIED;
        }

        /** Whether it is finished and not deleted: a manifest of it has to be in the store. */
        public boolean isListed() {
            return isGood() || this == SUSPECT;
        }
    }

    /** Where reading a backup back is. */
    public enum Verification {
        NONE,
        QUEUED,
        RUNNING,
        PASSED,
        FAILED
    }

    /** What reading a backup back can prove. */
    public enum Proof {
        /** It was decrypted and decompressed to its end. */
        DECRYPTED,
        /** Sizes and hashes are those of what was made; the manager has no key to decrypt it. */
        CIPHERTEXT
    }

    /**
     * A backup with its job, without what may be large: {@link #report} and {@link #manifest}.
     *
     * @param id its number in the API
     * @param backupId its name in the store
     * @param size bytes in the store, or null before it is done
     * @param sequence its place in the order in which this manager committed backups, or null before
     * @param finishedAt when it was proven; null for one that never was
     * @param endedAt when its job ended, well or not
     * @param readBack what the last reading back proved, or null when there was none that ended well
     * @param heldAt since when somebody holds it, so that it is not deleted, or null
     * @param holdUntil when that ends, or null for never
     * @param origin who asked for it, or null when nobody knows
     * @param madeBy which agent made it, a {@link Manifest.MadeBy} in JSON; null when nobody knows
     * @param noted what people should know of it, a JSON array of sentences; null when there is nothing
     * @param snapshot whether the agent finds its data, when that is a snapshot in the data service's own repository; null
     *     for all others
     */
    public record Backup(
            long id,
            String backupId,
            long instance,
            long job,
            State state,
            @Nullable Integer keyVersion,
            @Nullable String engineVersion,
            @Nullable Long size,
            @Nullable Long sequence,
            @Nullable Instant finishedAt,
            Verification verification,
            @Nullable Proof readBack,
            @Nullable String verificationMessage,
            @Nullable Instant verifiedAt,
            @Nullable Instant heldAt,
            @Nullable Instant holdUntil,
            @Nullable String holdReason,
            Instant createdAt,
            @Nullable Instant startedAt,
            @Nullable Instant endedAt,
            Jobs.State jobState,
            Jobs.@Nullable Origin origin,
            @Nullable String madeBy,
            @Nullable String noted,
            @Nullable Snapshot snapshot,
            int epoch,
            @Nullable Phase phase,
            @Nullable String detail,
            long bytesIn,
            long bytesOut,
            @Nullable Long estimatedBytes,
            @Nullable FailureCode code,
            @Nullable String message,
            @Nullable String hint) {
        /** Whether somebody holds it at a moment. */
        public boolean isHeld(Instant now) {
            return Backups.isHeld(heldAt, holdUntil, now);
        }

        /** Which agent made it; null when nobody knows. */
        public Manifest.@Nullable MadeBy maker() {
            return madeBy == null ? null : Json.mapper().readValue(madeBy, Manifest.MadeBy.class);
        }

        /** What people should know of it, in sentences. */
        public List<String> notes() {
            return noted == null ? List.of() : List.of(Json.mapper().readValue(noted, String[].class));
        }
    }

    private static boolean isHeld(@Nullable Instant heldAt, @Nullable Instant holdUntil, Instant now) {
        return heldAt != null && (holdUntil == null || holdUntil.isAfter(now));
    }

    private static final String SELECT = """
            SELECT b.id, b.backup_id, b.instance, b.job, b.state, b.key_version, b.engine_version, b.size, b.sequence,
              b.finished_at, b.verification, b.read_back, b.verification_message, b.verified_at, b.held_at,
              b.hold_until, b.hold_reason, b.made_by, b.noted, b.snapshot, j.created_at, j.started_at, j.finished_at AS ended_at, j.state AS job_state,
              j.origin, j.epoch, j.phase, j.detail,
              j.bytes_in, j.bytes_out, j.estimated_bytes, j.code, j.message, j.hint
            FROM backup b JOIN job j ON j.id = b.job
            """;

    /** The signed manifest's text, from when it was about to be written. */
    public Optional<String> manifest(long id) {
        return document("manifest", id);
    }

    /** What the agent reported, as JSON, from {@code UPLOADED} on until it is done. */
    public Optional<String> report(long id) {
        return document("result", id);
    }

    private Optional<String> document(String column, long id) {
        return database.read(handle -> handle.createQuery("SELECT " + column + " FROM backup WHERE id = :id")
                .bind("id", id)
                .mapTo(String.class)
                .findOne());
    }

    /** Adds a backup that its job will make. */
    public long add(long instance, long job, String backupId) {
        return database.write(
                instance,
                handle -> handle.createQuery("""
                        INSERT INTO backup (backup_id, instance, job, state)
                        VALUES (:backupId, :instance, :job, 'PENDING') RETURNING id
                        """)
                        .bind("backupId", backupId)
                        .bind("instance", instance)
                        .bind("job", job)
                        .mapTo(Long.class)
                        .one());
    }

    public Optional<Backup> find(long instance, long id) {
        return one("WHERE b.id = :a AND b.instance = :b", id, instance);
    }

    public Backup get(long id) {
        return one("WHERE b.id = :a AND b.id = :b", id, id).orElseThrow();
    }

    public Backup ofJob(long job) {
        return one("WHERE b.job = :a AND b.job = :b", job, job).orElseThrow();
    }

    /** All of an instance, newest first. */
    public List<Backup> list(long instance) {
        return list(instance, Long.MAX_VALUE, Integer.MAX_VALUE);
    }

    /**
     * Some of an instance, newest first.
     *
     * @param before only those with smaller numbers
     * @param most how many at most
     */
    public List<Backup> list(long instance, long before, int most) {
        return database.read(handle -> rows(handle.createQuery(
                        SELECT + "WHERE b.instance = :instance AND b.id < :before ORDER BY b.id DESC LIMIT :most")
                .bind("instance", instance)
                .bind("before", before)
                .bind("most", most)));
    }

    /** Where a backup is, by its name in the store. */
    public Optional<State> stateOf(String backupId) {
        return database.read(handle -> handle.createQuery("SELECT state FROM backup WHERE backup_id = :backupId")
                .bind("backupId", backupId)
                .mapTo(State.class)
                .findOne());
    }

    /**
     * What rules look at of a backup.
     *
     * @param finishedAt when it was proven; null for one that never was
     */
    public record Age(
            long id,
            String backupId,
            State state,
            @Nullable Long sequence,
            @Nullable Instant finishedAt,
            @Nullable Instant heldAt,
            @Nullable Instant holdUntil) {
        /** Whether somebody holds it at a moment. */
        public boolean isHeld(Instant now) {
            return Backups.isHeld(heldAt, holdUntil, now);
        }
    }

    /** Those of an instance that rules may look at, newest first: neither failed nor deleted. */
    public List<Age> ages(long instance) {
        return database.read(handle -> handle.createQuery("""
                        SELECT id, backup_id, state, sequence, finished_at, held_at, hold_until FROM backup
                        WHERE instance = :instance AND state IN ('PENDING', 'UPLOADED', 'DONE', 'VERIFIED', 'SUSPECT')
                        ORDER BY id DESC
                        """)
                .bind("instance", instance)
                .map(RecordMapper.of(Age.class))
                .list());
    }

    /** Some of those that are being deleted, oldest first. */
    public List<Backup> deleting() {
        return database.read(
                handle -> rows(handle.createQuery(SELECT + "WHERE b.state = 'DELETING' ORDER BY b.id LIMIT 100")));
    }

    /** All of an instance that are being deleted, oldest first. */
    public List<Backup> deleting(long instance) {
        return database.read(handle ->
                rows(handle.createQuery(SELECT + "WHERE b.instance = :instance AND b.state = 'DELETING' ORDER BY b.id")
                        .bind("instance", instance)));
    }

    /** Failed ones whose leftovers in the store are not gone yet. */
    public List<Backup> failedWithLeftovers() {
        return database.read(handle ->
                rows(handle.createQuery(SELECT + "WHERE b.state = 'FAILED' AND b.clean = 0 ORDER BY b.id LIMIT 100")));
    }

    public void markClean(long id) {
        database.note(handle -> handle.createUpdate("UPDATE backup SET clean = 1 WHERE id = :id")
                .bind("id", id)
                .execute());
    }

    /**
     * Good ones that wait to be read back, or whose reading was cut off, or when all are to be, that never were; the
     * oldest first.
     */
    public List<Backup> toVerify(boolean all, int most) {
        List<Backup> asked = with("('QUEUED', 'RUNNING')", most);
        return asked.isEmpty() && all ? with("('NONE')", most) : asked;
    }

    private List<Backup> with(String verification, int most) {
        // The list of all three is what lets the database know that its index has them.
        return database.read(handle ->
                rows(handle.createQuery(SELECT + """
                        WHERE b.id IN (SELECT id FROM backup
                          WHERE state IN ('DONE', 'VERIFIED', 'SUSPECT') AND verification IN ('NONE', 'QUEUED', 'RUNNING')
                            AND verification IN %s ORDER BY id LIMIT :most)
                        ORDER BY b.id
                        """.formatted(verification)).bind("most", most)));
    }

    /** Notes what the agent reported, together with the job's step to {@code COMMITTING}. */
    public void markUploaded(long id, String result) {
        update("UPDATE backup SET state = 'UPLOADED', result = :b WHERE id = :a AND state = 'PENDING'", id, result);
    }

    /** An attempt failed after its upload: the next begins anew. */
    public void markPending(long id) {
        update("UPDATE backup SET state = 'PENDING', result = NULL, manifest = NULL WHERE id = :a", id, "");
    }

    public void markFailed(long id) {
        update("UPDATE backup SET state = 'FAILED' WHERE id = :a", id, "");
    }

    /** The backup's place in the order of commits, given once. */
    public long sequence(long id) {
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
    public Optional<String> prepareManifest(Backup backup, int epoch, String manifest) {
        long id = backup.id();
        long job = backup.job();
        return database.write(backup.instance(), handle -> {
            handle.createUpdate("UPDATE backup SET manifest = :manifest WHERE id = :id AND manifest IS NULL AND "
                            + BEING_COMMITTED)
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

    /** The key that the running attempt encrypts to. */
    public void setKeyVersion(Backup backup, int keyVersion) {
        database.write(
                backup.instance(),
                handle -> handle.createUpdate("UPDATE backup SET key_version = :version WHERE id = :id")
                        .bind("version", keyVersion)
                        .bind("id", backup.id())
                        .execute());
    }

    public void markDone(
            long id, long size, @Nullable String engineVersion, Manifest.@Nullable MadeBy maker, List<String> notes) {
        database.write(handle -> handle.createUpdate("""
                        UPDATE backup SET state = 'DONE', size = :size, engine_version = :engine, finished_at = %s,
                          made_by = :maker, noted = :noted, result = NULL
                        WHERE id = :id AND state = 'UPLOADED'
                        """.formatted(Database.NOW))
                .bind("id", id)
                .bind("size", size)
                .bind("engine", engineVersion)
                .bind("maker", json(maker))
                .bind("noted", json(notes))
                .execute());
    }

    /** As it is in the database. */
    static @Nullable String json(Manifest.@Nullable MadeBy maker) {
        return maker == null ? null : Json.mapper().writeValueAsString(maker);
    }

    /** As they are in the database. */
    static @Nullable String json(List<String> notes) {
        return notes.isEmpty() ? null : Json.mapper().writeValueAsString(notes);
    }

    public void queueVerification(long id) {
        update("UPDATE backup SET verification = 'QUEUED' WHERE id = :a AND verification <> 'RUNNING'", id, "");
    }

    public void beginVerification(long instance, long id) {
        database.write(
                instance,
                handle -> handle.createUpdate("UPDATE backup SET verification = 'RUNNING' WHERE id = :id")
                        .bind("id", id)
                        .execute());
    }

    /**
     * Notes what reading back found; nothing good of a backup whose snapshot went missing meanwhile, which is to be read
     * back once more.
     *
     * @param proof what it proved, or null when it found damage
     */
    public void endVerification(long instance, long id, @Nullable Proof proof, String message) {
        database.write(
                instance,
                handle -> handle.createUpdate("""
                        UPDATE backup SET verification = CASE WHEN :passed THEN 'PASSED' ELSE 'FAILED' END,
                          read_back = :proof, verification_message = :message, verified_at = %s,
                          state = CASE WHEN :passed THEN 'VERIFIED' ELSE 'SUSPECT' END
                        WHERE id = :id AND state IN ('DONE', 'VERIFIED', 'SUSPECT')
                          AND NOT (:passed AND coalesce(snapshot, '') = 'MISSING')
                        """.formatted(Database.NOW))
                        .bind("id", id)
                        .bind("passed", proof != null)
                        .bind("proof", proof == null ? null : proof.name())
                        .bind("message", message)
                        .execute());
    }

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
        return query.map(RecordMapper.of(Backup.class)).list();
    }
}
