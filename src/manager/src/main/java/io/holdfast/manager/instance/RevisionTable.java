package io.holdfast.manager.instance;

import io.holdfast.format.instance.InstanceRecord;
import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.RecordMapper;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rows of {@link Revisions}. */
final class RevisionTable {
    private final Database database;

    RevisionTable(Database database) {
        this.database = database;
    }

    boolean isAsSeen(long instance, long revision) {
        return database.read(handle -> handle.createQuery("SELECT revision FROM instance WHERE id = :id")
                        .bind("id", instance)
                        .mapTo(Long.class)
                        .one()
                == revision);
    }

    List<Instance> toStore(int most) {
        return database.read(handle -> handle.createQuery(
                        "SELECT * FROM instance WHERE revision <> stored_revision ORDER BY id LIMIT :most")
                .bind("most", most)
                .map(RecordMapper.of(Instance.class))
                .list());
    }

    boolean markStored(long instance, long revision) {
        return database.write(handle -> handle.createUpdate(
                                "UPDATE instance SET stored_revision = :revision WHERE id = :id AND revision = :revision")
                        .bind("revision", revision)
                        .bind("id", instance)
                        .execute()
                == 1);
    }

    void storeAgain(long instance) {
        database.write(handle -> handle.createUpdate(
                        "UPDATE instance SET revision = revision + 1 WHERE id = :id AND revision = stored_revision")
                .bind("id", instance)
                .execute());
    }

    long follow(InstanceRecord wanted, boolean ownerUnknown) {
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

    void set(long instance, long revision, long stored) {
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
