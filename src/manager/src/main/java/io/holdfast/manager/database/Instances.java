package io.holdfast.manager.database;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.mapper.reflect.ConstructorMapper;
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
     * @param excluded whether "back up everything" passes it over
     */
    public record Instance(long id, String instanceId, String service, boolean excluded, Instant createdAt) {}

    /**
     * An instance as lists show it.
     *
     * @param lastGoodBackupAt when the newest restorable backup was finished, or null
     * @param lastVerifiedAt when a backup of it was last read back, or null
     */
    public record Overview(
            long id,
            String instanceId,
            String service,
            boolean excluded,
            Instant createdAt,
            @Nullable Instant lastGoodBackupAt,
            @Nullable Instant lastVerifiedAt) {}

    /** Adds an instance unless it is there, also one that was deleted. Returns whether it was added. */
    public boolean register(String instanceId, String service) {
        return database.write(handle -> handle.createUpdate("""
                                INSERT INTO instance (instance_id, service, created_at) VALUES (:instanceId, :service, %s)
                                ON CONFLICT (instance_id) DO UPDATE SET deleted_at = NULL, excluded = 0
                                  WHERE instance.deleted_at IS NOT NULL
                                """.formatted(Database.NOW))
                        .bind("instanceId", instanceId)
                        .bind("service", service)
                        .execute()
                == 1);
    }

    /** Notes that an instance is gone; false while a job of it has not ended. Its number stays taken. */
    public boolean markDeleted(long instance) {
        return database.write(handle -> handle.createUpdate("""
                                UPDATE instance SET deleted_at = %s WHERE id = :id AND NOT EXISTS (
                                  SELECT 1 FROM job WHERE instance = :id AND state IN ('QUEUED', 'RUNNING', 'COMMITTING'))
                                """.formatted(Database.NOW))
                        .bind("id", instance)
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

    /** Whether "back up everything" passes the instance over. */
    public void setExcluded(long instance, boolean excluded) {
        database.write(handle -> handle.createUpdate("UPDATE instance SET excluded = :excluded WHERE id = :id")
                .bind("excluded", excluded)
                .bind("id", instance)
                .execute());
    }

    /** An instance that was not deleted. */
    public Optional<Instance> find(String instanceId) {
        return database.read(handle -> handle.createQuery(
                        "SELECT * FROM instance WHERE instance_id = :instanceId AND deleted_at IS NULL")
                .bind("instanceId", instanceId)
                .map(ConstructorMapper.of(Instance.class))
                .findOne());
    }

    /** An instance, also a deleted one. */
    public Optional<Instance> findAlsoDeleted(String instanceId) {
        return database.read(handle -> handle.createQuery("SELECT * FROM instance WHERE instance_id = :instanceId")
                .bind("instanceId", instanceId)
                .map(ConstructorMapper.of(Instance.class))
                .findOne());
    }

    /** An instance that was not deleted, by the manager's number. */
    public Optional<Instance> findByNumber(long id) {
        return database.read(
                handle -> handle.createQuery("SELECT * FROM instance WHERE id = :id AND deleted_at IS NULL")
                        .bind("id", id)
                        .map(ConstructorMapper.of(Instance.class))
                        .findOne());
    }

    /** An instance, also a deleted one. */
    public Instance get(long id) {
        return database.read(handle -> handle.createQuery("SELECT * FROM instance WHERE id = :id")
                .bind("id", id)
                .map(ConstructorMapper.of(Instance.class))
                .one());
    }

    /** All instances that were not deleted, by name. */
    public List<Overview> list() {
        return database.read(
                handle -> handle.createQuery(OVERVIEW + " WHERE i.deleted_at IS NULL ORDER BY i.instance_id")
                        .map(ConstructorMapper.of(Overview.class))
                        .list());
    }

    public Overview overview(long id) {
        return database.read(handle -> handle.createQuery(OVERVIEW + " WHERE i.id = :id")
                .bind("id", id)
                .map(ConstructorMapper.of(Overview.class))
                .one());
    }

    private static final String OVERVIEW = """
            SELECT i.*,
              (SELECT max(finished_at) FROM backup WHERE instance = i.id AND state IN ('DONE', 'VERIFIED'))
                AS last_good_backup_at,
              (SELECT max(verified_at) FROM backup WHERE instance = i.id AND state = 'VERIFIED') AS last_verified_at
            FROM instance i
            """;
}
