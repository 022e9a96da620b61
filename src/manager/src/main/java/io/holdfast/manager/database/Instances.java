package io.holdfast.manager.database;

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
            @Nullable String owner) {}

    /**
     * An instance as lists show it.
     *
     * @param lastGoodBackupAt when the newest restorable backup was finished, or null
     * @param lastVerifiedAt when a backup of it was last read back, or null
     * @param agentsOnline how many of its agents were heard of lately
     * @param snapshotsSeenAt when its agent could last look at the service's own repository, or first could not; null when
     *     it has none
     * @param snapshotsFailure why it cannot now, or null
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
            @Nullable String snapshotsFailure) {}

    /**
     * Adds an instance unless it is there, also one that was deleted. One whose backups are still kept is as it was
     * before its deletion; another begins anew. Returns whether it was added.
     *
     * @param owner who registers it, or null when it does so itself; counts only when it is added
     */
    public boolean register(String instanceId, String service, @Nullable String owner) {
        return database.write(handle -> handle.createUpdate("""
                                INSERT INTO instance (instance_id, service, owner, created_at)
                                VALUES (:instanceId, :service, :owner, %s)
                                ON CONFLICT (instance_id) DO UPDATE SET deleted_at = NULL, backups_kept = 0,
                                  scheduled_from = NULL,
                                  owner = CASE WHEN instance.backups_kept = 1 THEN instance.owner ELSE excluded.owner END,
                                  excluded = instance.backups_kept * instance.excluded,
                                  schedule_cron = CASE WHEN instance.backups_kept = 1 THEN instance.schedule_cron END,
                                  schedule_time_zone =
                                    CASE WHEN instance.backups_kept = 1 THEN instance.schedule_time_zone END,
                                  retention = CASE WHEN instance.backups_kept = 1 THEN instance.retention END
                                  WHERE instance.deleted_at IS NOT NULL
                                """.formatted(Database.NOW))
                        .bind("instanceId", instanceId)
                        .bind("service", service)
                        .bind("owner", owner)
                        .execute()
                == 1);
    }

    /** Adds an instance that registers itself, or is found in the store. */
    public boolean register(String instanceId, String service) {
        return register(instanceId, service, null);
    }

    /** Gives an instance that nobody registered to an owner. One that has an owner keeps it. */
    public void takeWithoutOwner(String instanceId, String owner) {
        database.write(handle -> handle.createUpdate(
                        "UPDATE instance SET owner = :owner WHERE instance_id = :instanceId AND owner IS NULL")
                .bind("owner", owner)
                .bind("instanceId", instanceId)
                .execute());
    }

    /**
     * Notes that an instance is gone; false while a job of it has not ended. Its number stays taken.
     *
     * @param keepBackups whether its backups stay for now; not for ever, and the instance can be seen as long
     */
    public boolean markDeleted(long instance, boolean keepBackups) {
        return database.write(handle -> handle.createUpdate("""
                                UPDATE instance SET deleted_at = coalesce(deleted_at, %s), backups_kept = :keep
                                WHERE id = :id AND NOT EXISTS (
                                  SELECT 1 FROM job WHERE instance = :id AND state IN ('QUEUED', 'RUNNING', 'COMMITTING'))
                                """.formatted(Database.NOW))
                        .bind("id", instance)
                        .bind("keep", keepBackups ? 1 : 0)
                        .execute()
                == 1);
    }

    /** Notes which service an instance has. */
    public void setService(long instance, String service) {
        database.write(handle -> handle.createUpdate("UPDATE instance SET service = :service WHERE id = :id")
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

    /** The same for all instances that there ever were. */
    public void eachAlsoDeleted(Consumer<Instance> action) {
        each("TRUE", action);
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

    /** Nothing is kept of a deleted instance any more, when that is so. */
    public void forgetWithoutBackups(long instance) {
        database.write(handle -> handle.createUpdate("""
                        UPDATE instance SET backups_kept = 0
                        WHERE id = :id AND deleted_at IS NOT NULL AND NOT EXISTS (
                          SELECT 1 FROM backup WHERE instance = :id AND state IN ('DONE', 'VERIFIED', 'SUSPECT'))
                        """).bind("id", instance).execute());
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
              i.snapshots_failure,
              (SELECT max(finished_at) FROM backup WHERE instance = i.id AND state IN ('DONE', 'VERIFIED'))
                AS last_good_backup_at,
              (SELECT max(verified_at) FROM backup WHERE instance = i.id AND state = 'VERIFIED') AS last_verified_at,
              (SELECT count(*) FROM agent WHERE instance = i.id AND last_seen_at >= %s - :silence) AS agents_online
            FROM instance i
            """.formatted(Database.NOW);
}
