package io.holdfast.manager.instance;

import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.RecordMapper;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The rows of {@link Instances}. */
final class InstanceTable {
    private final Database database;

    InstanceTable(Database database) {
        this.database = database;
    }

    boolean register(String instanceId, String service, @Nullable String owner) {
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

    boolean register(String instanceId, String service) {
        return register(instanceId, service, null);
    }

    void setService(long instance, String service) {
        database.write(
                instance,
                handle -> handle.createUpdate(
                                "UPDATE instance SET service = :service, revision = revision + 1 WHERE id = :id")
                        .bind("service", service)
                        .bind("id", instance)
                        .execute());
    }

    void setExcluded(long instance, boolean excluded) {
        database.write(handle -> handle.createUpdate("UPDATE instance SET excluded = :excluded, scheduled_from = NULL"
                        + " WHERE id = :id AND excluded <> :excluded")
                .bind("excluded", excluded ? 1 : 0)
                .bind("id", instance)
                .execute());
    }

    void setSchedule(long instance, @Nullable String cron, @Nullable String timeZone) {
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

    void setRetention(long instance, @Nullable String retention) {
        database.write(handle -> handle.createUpdate("UPDATE instance SET retention = :retention WHERE id = :id")
                .bind("retention", retention)
                .bind("id", instance)
                .execute());
    }

    Optional<Instance> find(String instanceId) {
        return database.read(handle -> handle.createQuery(
                        "SELECT * FROM instance WHERE instance_id = :instanceId AND deleted_at IS NULL")
                .bind("instanceId", instanceId)
                .map(RecordMapper.of(Instance.class))
                .findOne());
    }

    Optional<Instance> findAlsoDeleted(String instanceId) {
        return database.read(handle -> handle.createQuery("SELECT * FROM instance WHERE instance_id = :instanceId")
                .bind("instanceId", instanceId)
                .map(RecordMapper.of(Instance.class))
                .findOne());
    }

    Optional<Instance> findWithBackups(String instanceId) {
        return database.read(handle -> handle.createQuery("SELECT * FROM instance WHERE instance_id = :instanceId"
                        + " AND (deleted_at IS NULL OR backups_kept = 1)")
                .bind("instanceId", instanceId)
                .map(RecordMapper.of(Instance.class))
                .findOne());
    }

    List<Instance> page(String which, long after, int most) {
        return database.read(handle -> handle.createQuery(
                        "SELECT * FROM instance WHERE id > :after AND " + which + " ORDER BY id LIMIT :most")
                .bind("after", after)
                .bind("most", most)
                .map(RecordMapper.of(Instance.class))
                .list());
    }

    Optional<Instance> findByNumber(long id) {
        return database.read(
                handle -> handle.createQuery("SELECT * FROM instance WHERE id = :id AND deleted_at IS NULL")
                        .bind("id", id)
                        .map(RecordMapper.of(Instance.class))
                        .findOne());
    }

    Instance get(long id) {
        return database.read(handle -> handle.createQuery("SELECT * FROM instance WHERE id = :id")
                .bind("id", id)
                .map(RecordMapper.of(Instance.class))
                .one());
    }

    List<InstanceOverview> list(String after, int most, Duration silence, @Nullable String owner) {
        return database.read(
                handle -> handle.createQuery(OVERVIEW + """
                        WHERE i.instance_id > :after AND (i.deleted_at IS NULL OR i.backups_kept = 1)%s
                        ORDER BY i.instance_id LIMIT :most
                        """.formatted(owner == null ? "" : " AND i.owner = :owner"))
                        .bind("after", after)
                        .bindMap(owner == null ? Map.of() : Map.of("owner", owner))
                        .bind("most", most)
                        .bind("silence", silence.toMillis())
                        .map(RecordMapper.of(InstanceOverview.class))
                        .list());
    }

    InstanceOverview overview(long id, Duration silence) {
        return database.read(handle -> handle.createQuery(OVERVIEW + "WHERE i.id = :id")
                .bind("id", id)
                .bind("silence", silence.toMillis())
                .map(RecordMapper.of(InstanceOverview.class))
                .one());
    }

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
