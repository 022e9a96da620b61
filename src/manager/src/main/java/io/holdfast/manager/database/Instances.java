package io.holdfast.manager.database;

import io.holdfast.format.instance.Custody;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The data service instances that backups are made of. */
public final class Instances {
    private final Database database;

    public Instances(Database database) {
        this.database = database;
    }

    /**
     * An instance.
     *
     * @param id the manager's number
     * @param instanceId the name that the service broker gave it
     * @param service the adapter's name, such as {@code postgresql}; {@code unknown} until an agent has told
     * @param excluded whether "back up everything" and the schedule pass it over
     * @param deletedAt when it was deleted, or null
     * @param backupsKept whether it was deleted, but not yet its backups
     * @param retention its own rules, as JSON, or null for the platform's
     * @param owner who registered it, or null when nobody but its own agent did
     * @param ownerUnknown whether nobody knows whose it is, so that no broker takes it
     * @param life which life of its name it is, from 1
     * @param folder its name in the store: {@code instanceId}, which of a life that another one has followed is no id
     * @param custody who keeps its keys
     * @param nextKeyVersion what number its next key version has
     * @param revision how often what its record says was changed
     * @param storedRevision which of these the store has
     * @param ended whether it was deleted and nothing is left of it
     */
    public record Instance(
            long id,
            String instanceId,
            String service,
            boolean excluded,
            Instant createdAt,
            @Nullable Instant deletedAt,
            boolean backupsKept,
            @Nullable String scheduleCron,
            @Nullable String scheduleTimeZone,
            @Nullable String retention,
            @Nullable String owner,
            boolean ownerUnknown,
            int life,
            String folder,
            Custody custody,
            int nextKeyVersion,
            long revision,
            long storedRevision,
            boolean ended) {
        /** Whether no later life has its name. */
        public boolean isNewestLife() {
            return instanceId.equals(folder);
        }
    }

    /**
     * An instance as lists show it.
     *
     * @param lastGoodBackupAt when the newest restorable backup was finished, or null
     * @param lastVerifiedAt when a backup of it was last read back, or null
     * @param agentsOnline how many of its agents were seen lately
     * @param snapshotsSeenAt when its agent could last look at the service's own repository, or first could not; null when
     *     it has none
     * @param snapshotsFailure why it cannot now, or null
     * @param owner who registered it, or null
     * @param ownerUnknown whether nobody knows whose it is
     */
    public record Overview(
            long id,
            String instanceId,
            String service,
            boolean excluded,
            Instant createdAt,
            @Nullable Instant deletedAt,
            @Nullable Instant lastGoodBackupAt,
            @Nullable Instant lastVerifiedAt,
            int agentsOnline,
            @Nullable Instant snapshotsSeenAt,
            @Nullable String snapshotsFailure,
            @Nullable String owner,
            boolean ownerUnknown) {}

    /**
     * Adds an instance unless there is one of that name, also a deleted one. Returns whether it was added.
     *
     * @param owner who registers it, or null when it does so itself
     */
    public boolean register(String instanceId, String service, @Nullable String owner) {
        return database.note(handle -> handle.createUpdate("""
                                INSERT INTO instance (instance_id, folder, service, owner, created_at)
                                VALUES (:instanceId, :instanceId, :service, :owner, %s)
                                ON CONFLICT (instance_id) DO NOTHING
                                """.formatted(Database.NOW))
                        .bind("instanceId", instanceId)
                        .bind("service", service)
                        .bind("owner", owner)
                        .execute()
                == 1);
    }

    /** Adds an instance that registers itself. */
    public boolean register(String instanceId, String service) {
        return register(instanceId, service, null);
    }

    /** Notes which service an instance has. */
    public void setService(long instance, String service) {
        database.write(
                instance,
                handle -> handle.createUpdate(
                                "UPDATE instance SET service = :service, revision = revision + 1 WHERE id = :id")
                        .bind("service", service)
                        .bind("id", instance)
                        .execute());
    }

    /**
     * Whether "back up everything" and the schedule pass the instance over. After a change, slots until now are nobody's
     * omission; saying the same again must not lose a slot that is just due.
     */
    public void setExcluded(long instance, boolean excluded) {
        database.write(handle -> handle.createUpdate("UPDATE instance SET excluded = :excluded, scheduled_from = NULL"
                        + " WHERE id = :id AND excluded <> :excluded")
                .bind("excluded", excluded ? 1 : 0)
                .bind("id", instance)
                .execute());
    }

    /** Gives an instance a schedule of its own, or with nulls the platform's. Slots count as in {@link #setExcluded}. */
    public void setSchedule(long instance, @Nullable String cron, @Nullable String timeZone) {
        database.write(handle -> handle.createUpdate("""
                        UPDATE instance SET schedule_cron = :cron, schedule_time_zone = :timeZone, scheduled_from = NULL
                        WHERE id = :id AND NOT (coalesce(schedule_cron, '') = coalesce(:cron, '')
                          AND coalesce(schedule_time_zone, '') = coalesce(:timeZone, ''))
                        """)
                .bind("cron", cron)
                .bind("timeZone", timeZone)
                .bind("id", instance)
                .execute());
    }

    /** Gives an instance rules of its own, as JSON, or with null the platform's. */
    public void setRetention(long instance, @Nullable String retention) {
        database.write(handle -> handle.createUpdate("UPDATE instance SET retention = :retention WHERE id = :id")
                .bind("retention", retention)
                .bind("id", instance)
                .execute());
    }

    /** An instance that was not deleted. */
    public Optional<Instance> find(String instanceId) {
        return database.read(handle -> handle.createQuery(
                        "SELECT * FROM instance WHERE instance_id = :instanceId AND deleted_at IS NULL")
                .bind("instanceId", instanceId)
                .map(RecordMapper.of(Instance.class))
                .findOne());
    }

    /** An instance, also a deleted one. */
    public Optional<Instance> findAlsoDeleted(String instanceId) {
        return database.read(handle -> handle.createQuery("SELECT * FROM instance WHERE instance_id = :instanceId")
                .bind("instanceId", instanceId)
                .map(RecordMapper.of(Instance.class))
                .findOne());
    }

    /** An instance that was not deleted, or whose backups are still kept. */
    public Optional<Instance> findWithBackups(String instanceId) {
        return database.read(handle -> handle.createQuery("SELECT * FROM instance WHERE instance_id = :instanceId"
                        + " AND (deleted_at IS NULL OR backups_kept = 1)")
                .bind("instanceId", instanceId)
                .map(RecordMapper.of(Instance.class))
                .findOne());
    }

    /**
     * Does something with each instance that was not deleted, or whose backups are still kept, and with each that is
     * added meanwhile. Never has many of them in memory, and holds nothing in the database between two.
     */
    public void each(Consumer<Instance> action) {
        each("(deleted_at IS NULL OR backups_kept = 1)", action);
    }

    /** The same for the newest life of every name that there ever was. */
    public void eachAlsoDeleted(Consumer<Instance> action) {
        each("instance_id = folder", action);
    }

    private void each(String which, Consumer<Instance> action) {
        long after = 0;
        while (true) {
            List<Instance> page = page(which, after);
            page.forEach(action);
            if (page.size() < PAGE) {
                return;
            }
            after = page.getLast().id();
        }
    }

    private List<Instance> page(String which, long after) {
        return database.read(handle -> handle.createQuery(
                        "SELECT * FROM instance WHERE id > :after AND " + which + " ORDER BY id LIMIT " + PAGE)
                .bind("after", after)
                .map(RecordMapper.of(Instance.class))
                .list());
    }

    /** An instance that was not deleted, by the manager's number. */
    public Optional<Instance> findByNumber(long id) {
        return database.read(
                handle -> handle.createQuery("SELECT * FROM instance WHERE id = :id AND deleted_at IS NULL")
                        .bind("id", id)
                        .map(RecordMapper.of(Instance.class))
                        .findOne());
    }

    /** An instance, also a deleted one. */
    public Instance get(long id) {
        return database.read(handle -> handle.createQuery("SELECT * FROM instance WHERE id = :id")
                .bind("id", id)
                .map(RecordMapper.of(Instance.class))
                .one());
    }

    /**
     * Some of the instances that were not deleted, or whose backups are still kept, by name.
     *
     * @param after only those with later names; empty for the first ones
     * @param most how many at most
     * @param silence how long an agent may be silent and still counts as online
     * @param owner only those that this one registered, or null for all
     */
    public List<Overview> list(String after, int most, Duration silence, @Nullable String owner) {
        return database.read(
                handle -> handle.createQuery(OVERVIEW + """
                        WHERE i.instance_id > :after AND (i.deleted_at IS NULL OR i.backups_kept = 1)%s
                        ORDER BY i.instance_id LIMIT :most
                        """.formatted(owner == null ? "" : " AND i.owner = :owner"))
                        .bind("after", after)
                        .bindMap(owner == null ? Map.of() : Map.of("owner", owner))
                        .bind("most", most)
                        .bind("silence", silence.toMillis())
                        .map(RecordMapper.of(Overview.class))
                        .list());
    }

    /** One instance as lists show it. */
    public Overview overview(long id, Duration silence) {
        return database.read(handle -> handle.createQuery(OVERVIEW + "WHERE i.id = :id")
                .bind("id", id)
                .bind("silence", silence.toMillis())
                .map(RecordMapper.of(Overview.class))
                .one());
    }

    private static final int PAGE = 1000;

    private static final String OVERVIEW = """
            SELECT i.id, i.instance_id, i.service, i.excluded, i.created_at, i.deleted_at, i.snapshots_seen_at,
              i.snapshots_failure, i.owner, i.owner_unknown,
              (SELECT max(finished_at) FROM backup WHERE instance = i.id AND state IN ('DONE', 'VERIFIED'))
                AS last_good_backup_at,
              (SELECT max(verified_at) FROM backup WHERE instance = i.id AND state = 'VERIFIED') AS last_verified_at,
              (SELECT count(*) FROM agent WHERE instance = i.id AND last_seen_at >= %s - :silence) AS agents_online
            FROM instance i
            """.formatted(Database.NOW);
}
