package io.holdfast.manager.database;

import io.holdfast.format.instance.InstanceRecord;
import io.holdfast.manager.database.Instances.Instance;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Counts how often what an instance's record says was changed, so that the record in the store can follow, and so that
 * two who change the same see each other.
 */
public final class Revisions {
    private final Database database;

    public Revisions(Database database) {
        this.database = database;
    }

    /** Whether an instance is still as it was seen; to be asked in the transaction that changes it. */
    public boolean isAsSeen(long instance, long revision) {
        return database.read(handle -> handle.createQuery("SELECT revision FROM instance WHERE id = :id")
                        .bind("id", instance)
                        .mapTo(Long.class)
                        .one()
                == revision);
    }

    /** Some instances whose record in the store is older than what is here. */
    public List<Instance> toStore(int most) {
        return database.read(handle -> handle.createQuery(
                        "SELECT * FROM instance WHERE revision <> stored_revision ORDER BY id LIMIT :most")
                .bind("most", most)
                .map(RecordMapper.of(Instance.class))
                .list());
    }

    /** Notes that the store has the record of this revision. False when it is not the newest one any more. */
    public boolean markStored(long instance, long revision) {
        return database.write(handle -> handle.createUpdate(
                                "UPDATE instance SET stored_revision = :revision WHERE id = :id AND revision = :revision")
                        .bind("revision", revision)
                        .bind("id", instance)
                        .execute()
                == 1);
    }

    /** Has the record put into the store anew: what is there is not what was put there. */
    public void storeAgain(long instance) {
        database.write(handle -> handle.createUpdate(
                        "UPDATE instance SET revision = revision + 1 WHERE id = :id AND revision = stored_revision")
                .bind("id", instance)
                .execute());
    }

    /**
     * Takes over what an authentic record says of an instance, but for its keys.
     *
     * @param ownerUnknown whether what it says of the owner may be out of date
     * @return the instance's number
     */
    public long follow(InstanceRecord wanted, boolean ownerUnknown) {
        return database.write(handle -> {
            // What is here may be a life that ended without this catalogue.
            handle.createUpdate("""
                            UPDATE instance SET instance_id = folder || '~' || life, backups_kept = 0,
                              deleted_at = coalesce(deleted_at, %s)
                            WHERE instance_id = :id AND life < :life
                            """.formatted(Database.NOW))
                    .bind("id", wanted.instanceId())
                    .bind("life", wanted.life())
                    .execute();
            handle.createUpdate("""
                            INSERT INTO instance (instance_id, folder, service, created_at, life)
                            VALUES (:id, :id, :service, :createdAt, :life) ON CONFLICT (instance_id) DO NOTHING
                            """)
                    .bind("id", wanted.instanceId())
                    .bind("service", wanted.service())
                    .bind("createdAt", wanted.createdAt())
                    .bind("life", wanted.life())
                    .execute();
            return handle.createQuery("""
                            UPDATE instance SET service = :service, life = :life, created_at = :createdAt,
                              deleted_at = :deletedAt, backups_kept = :backupsKept, custody = :custody, owner = :owner,
                              owner_unknown = :ownerUnknown, next_key_version = :nextKeyVersion, revision = :revision,
                              stored_revision = :revision, ended = :ended, scheduled_from = NULL
                            WHERE instance_id = :id RETURNING id
                            """)
                    .bind("id", wanted.instanceId())
                    .bind("service", wanted.service())
                    .bind("life", wanted.life())
                    .bind("createdAt", wanted.createdAt())
                    .bind("deletedAt", millis(wanted.deletedAt()))
                    .bind("backupsKept", wanted.backupsKept() ? 1 : 0)
                    .bind("custody", wanted.custody().name())
                    .bind("owner", ownerUnknown ? null : wanted.owner())
                    .bind("ownerUnknown", ownerUnknown ? 1 : 0)
                    .bind("nextKeyVersion", wanted.nextKeyVersion())
                    .bind("revision", wanted.revision())
                    .bind("ended", wanted.nothingIsLeft() ? 1 : 0)
                    .mapTo(Long.class)
                    .one();
        });
    }

    /** Notes that the store has the record of an instance that was just taken in, with its keys. */
    public void setStored(long instance, long revision) {
        set(instance, revision, revision);
    }

    /** Notes that an instance that was just taken in is to have a record that no earlier one can take the place of. */
    public void setToStore(long instance, long afterRevision) {
        set(instance, afterRevision + 2, afterRevision + 1);
    }

    private void set(long instance, long revision, long stored) {
        database.write(handle -> handle.createUpdate(
                        "UPDATE instance SET revision = :revision, stored_revision = :stored WHERE id = :id")
                .bind("revision", revision)
                .bind("stored", stored)
                .bind("id", instance)
                .execute());
    }

    private static @Nullable Long millis(@Nullable Instant time) {
        return time == null ? null : (Long) time.toEpochMilli();
    }
}
