package io.holdfast.manager.database;

import io.holdfast.manager.database.Instances.Instance;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How instances are deleted, come back, begin anew, and change hands.
 *
 * <p>A deletion is a tombstone: the row stays, with its owner, and nothing but a registration ends it. As long as backups
 * of the deleted life are kept, registering it again takes the deletion back: it is the same life, with its keys. Later
 * it is another life with a row of its own, and nothing of the earlier one's is its.
 */
public final class Lives {
    private static final String OPEN_JOBS =
            "EXISTS (SELECT 1 FROM job WHERE instance = :id AND state IN ('QUEUED', 'RUNNING', 'COMMITTING'))";

    private final Database database;

    public Lives(Database database) {
        this.database = database;
    }

    /**
     * Notes that an instance is deleted; false while a job of it has not ended.
     *
     * @param keepBackups whether its backups stay for now; not for ever, and the instance can be seen as long
     */
    public boolean delete(long instance, boolean keepBackups) {
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

    /** Takes the deletion of an instance back whose backups are still kept. */
    public void takeBack(long instance) {
        database.write(handle -> handle.createUpdate("""
                        UPDATE instance SET deleted_at = NULL, backups_kept = 0, scheduled_from = NULL,
                          revision = revision + 1
                        WHERE id = :id AND deleted_at IS NOT NULL AND backups_kept = 1
                        """).bind("id", instance).execute());
    }

    /**
     * Begins another life of a deleted instance whose backups are not kept. It has the platform's plan and no key; its key
     * versions are numbered, and its revisions counted, behind those of the life before.
     *
     * @return its number
     */
    public long beginAnew(Instance before, String service, @Nullable String owner) {
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

    /**
     * Notes that nothing is left of a deleted instance, when that is so: then its keys are not needed any more.
     *
     * @return whether it ended just now
     */
    public boolean endWithoutBackups(long instance) {
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

    /** Whether an instance has anything that somebody could want to take over: a finished backup, or a passphrase. */
    public boolean hasAnythingToKeep(long instance) {
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

    /** Gives an instance to an owner, or with null to nobody. From then on its owner is known. */
    public void giveTo(long instance, @Nullable String owner) {
        database.write(handle -> handle.createUpdate(
                        "UPDATE instance SET owner = :owner, owner_unknown = 0, revision = revision + 1 WHERE id = :id")
                .bind("owner", owner)
                .bind("id", instance)
                .execute());
    }

    /** Gives all instances of one owner to another, deleted ones too. Returns how many. */
    public int giveAll(String from, String to) {
        return database.write(handle -> handle.createUpdate(
                        "UPDATE instance SET owner = :to, revision = revision + 1 WHERE owner = :from")
                .bind("to", to)
                .bind("from", from)
                .execute());
    }

    /** Notes that nobody knows whose an instance is. */
    public void forgetOwner(long instance) {
        database.write(handle -> handle.createUpdate(
                        "UPDATE instance SET owner = NULL, owner_unknown = 1, revision = revision + 1 WHERE id = :id")
                .bind("id", instance)
                .execute());
    }

    /** The life of a name with this number, whatever became of it. */
    public Optional<Instance> find(String folder, int life) {
        return all(folder).stream().filter(each -> each.life() == life).findFirst();
    }

    /** All lives of a name, the newest first. */
    public List<Instance> all(String folder) {
        return database.read(
                handle -> handle.createQuery("SELECT * FROM instance WHERE folder = :folder ORDER BY life DESC")
                        .bind("folder", folder)
                        .map(RecordMapper.of(Instance.class))
                        .list());
    }
}
