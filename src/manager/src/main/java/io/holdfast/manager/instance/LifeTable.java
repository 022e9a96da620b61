package io.holdfast.manager.instance;

import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.RecordMapper;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rows of {@link Lives}. */
final class LifeTable {
    private static final String OPEN_JOBS =
            "EXISTS (SELECT 1 FROM job WHERE instance = :id AND state IN ('QUEUED', 'RUNNING', 'COMMITTING'))";

    private final Database database;

    LifeTable(Database database) {
        this.database = database;
    }

    boolean delete(long instance, boolean keepBackups) {
        return database.write(handle -> handle.createUpdate("""
                                UPDATE instance SET deleted_at = coalesce(deleted_at, %s), backups_kept = :keep,
                                  revision = revision + 1
                                WHERE id = :id AND ended = 0 AND NOT %s
                                """.formatted(Database.NOW, OPEN_JOBS))
                        .bind("id", instance)
                        .bind("keep", keepBackups ? 1 : 0)
                        .execute()
                == 1);
    }

    void takeBack(long instance) {
        database.write(handle -> handle.createUpdate("""
                        UPDATE instance SET deleted_at = NULL, backups_kept = 0, scheduled_from = NULL,
                          revision = revision + 1
                        WHERE id = :id AND deleted_at IS NOT NULL AND backups_kept = 1
                        """).bind("id", instance).execute());
    }

    long beginAnew(Instance before, String service, @Nullable String owner) {
        return database.write(handle -> {
            int renamed = handle.createUpdate("""
                            UPDATE instance SET instance_id = folder || '~' || life
                            WHERE id = :id AND instance_id = folder AND deleted_at IS NOT NULL AND backups_kept = 0
                            """).bind("id", before.id()).execute();
            if (renamed != 1) {
                throw new IllegalStateException(before.instanceId() + " is not deleted, or has backups");
            }
            handle.createUpdate("DELETE FROM agent WHERE instance = :id")
                    .bind("id", before.id())
                    .execute();
            handle.createUpdate("DELETE FROM pause WHERE scope = 'instance' AND instance = :id")
                    .bind("id", before.id())
                    .execute();
            return handle.createQuery("""
                            INSERT INTO instance
                              (instance_id, folder, service, owner, life, next_key_version, revision, created_at)
                            SELECT folder, folder, :service, :owner, life + 1, next_key_version, revision + 1, %s
                            FROM instance WHERE id = :id RETURNING id
                            """.formatted(Database.NOW))
                    .bind("service", service)
                    .bind("owner", owner)
                    .bind("id", before.id())
                    .mapTo(Long.class)
                    .one();
        });
    }

    boolean endWithoutBackups(long instance) {
        return database.write(handle -> handle.createUpdate("""
                                UPDATE instance SET backups_kept = 0, ended = 1, revision = revision + 1
                                WHERE id = :id AND deleted_at IS NOT NULL AND ended = 0 AND NOT %s AND NOT EXISTS (
                                  SELECT 1 FROM backup
                                  WHERE instance = :id AND state IN ('DONE', 'VERIFIED', 'SUSPECT', 'DELETING'))
                                """.formatted(OPEN_JOBS))
                        .bind("id", instance)
                        .execute()
                == 1);
    }

    boolean hasAnythingToKeep(long instance) {
        return database.read(handle -> handle.createQuery("""
                                SELECT (SELECT count(*) FROM backup
                                    WHERE instance = :id AND state IN ('DONE', 'VERIFIED', 'SUSPECT'))
                                  + (SELECT count(*) FROM key_version
                                    WHERE instance = :id AND passphrase_wrapped IS NOT NULL)
                                """)
                        .bind("id", instance)
                        .mapTo(Integer.class)
                        .one()
                > 0);
    }

    void giveTo(long instance, @Nullable String owner) {
        database.write(handle -> handle.createUpdate(
                        "UPDATE instance SET owner = :owner, owner_unknown = 0, revision = revision + 1 WHERE id = :id")
                .bind("owner", owner)
                .bind("id", instance)
                .execute());
    }

    int giveAll(String from, String to) {
        return database.write(handle -> handle.createUpdate(
                        "UPDATE instance SET owner = :to, revision = revision + 1 WHERE owner = :from")
                .bind("to", to)
                .bind("from", from)
                .execute());
    }

    void forgetOwner(long instance) {
        database.write(handle -> handle.createUpdate(
                        "UPDATE instance SET owner = NULL, owner_unknown = 1, revision = revision + 1 WHERE id = :id")
                .bind("id", instance)
                .execute());
    }

    List<Instance> all(String folder) {
        return database.read(
                handle -> handle.createQuery("SELECT * FROM instance WHERE folder = :folder ORDER BY life DESC")
                        .bind("folder", folder)
                        .map(RecordMapper.of(Instance.class))
                        .list());
    }
}
