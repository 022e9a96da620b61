package io.holdfast.manager.keys;

import io.holdfast.format.instance.Custody;
import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.RecordMapper;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The rows of {@link KeyVersions}. */
final class KeyVersionTable {
    private final Database database;

    KeyVersionTable(Database database) {
        this.database = database;
    }

    /** Adds a version after all that there ever were of the instance. Returns its number. */
    int add(long instance, String recipient, KeyCopies copies, Wrapped segmentSecret) {
        return database.write(handle -> {
            int version = handle.createQuery("""
                            UPDATE instance SET next_key_version = next_key_version + 1, revision = revision + 1
                            WHERE id = :instance RETURNING next_key_version - 1
                            """)
                    .bind("instance", instance)
                    .mapTo(Integer.class)
                    .one();
            insert(handle, instance, version, recipient, copies, segmentSecret, false, null);
            return version;
        });
    }

    void takeIn(
            long instance,
            int version,
            String recipient,
            KeyCopies copies,
            @Nullable Wrapped segmentSecret,
            boolean adopted,
            Instant createdAt) {
        database.write(handle -> {
            handle.createUpdate("DELETE FROM key_version WHERE instance = :instance AND version = :version")
                    .bind("instance", instance)
                    .bind("version", version)
                    .execute();
            insert(handle, instance, version, recipient, copies, segmentSecret, adopted, createdAt);
            return handle.createUpdate("""
                            UPDATE instance SET revision = revision + 1,
                              next_key_version = CASE WHEN next_key_version > :version THEN next_key_version
                                ELSE :version + 1 END
                            WHERE id = :instance
                            """)
                    .bind("version", version)
                    .bind("instance", instance)
                    .execute();
        });
    }

    private static void insert(
            Handle handle,
            long instance,
            int version,
            String recipient,
            KeyCopies copies,
            @Nullable Wrapped segmentSecret,
            boolean adopted,
            @Nullable Instant createdAt) {
        handle.createUpdate("""
                        INSERT INTO key_version
                          (instance, version, recipient, wrapped, passphrase_wrapped, segment_secret, managed, adopted,
                           created_at)
                        VALUES (:instance, :version, :recipient, :wrapped, :passphraseWrapped, :segmentSecret, :managed,
                          :adopted, coalesce(:createdAt, %s))
                        """.formatted(Database.NOW))
                .bind("createdAt", createdAt == null ? null : (Long) createdAt.toEpochMilli())
                .bind("instance", instance)
                .bind("version", version)
                .bind("recipient", recipient)
                .bind("wrapped", copies.wrapped().bytes())
                .bind("passphraseWrapped", bytes(copies.passphraseWrapped()))
                .bind("segmentSecret", bytes(segmentSecret))
                .bind("managed", copies.managed() ? 1 : 0)
                .bind("adopted", adopted ? 1 : 0)
                .execute();
    }

    /** Keeps versions in another way, and notes who keeps them all. In order: one copy for each version. */
    void rewrap(long instance, List<KeyVersion> all, List<KeyCopies> copies, Custody custody) {
        database.write(handle -> {
            for (int i = 0; i < all.size(); i++) {
                handle.createUpdate("""
                                UPDATE key_version SET wrapped = :wrapped, passphrase_wrapped = :passphraseWrapped,
                                  managed = :managed
                                WHERE instance = :instance AND version = :version
                                """)
                        .bind("wrapped", copies.get(i).wrapped().bytes())
                        .bind("passphraseWrapped", bytes(copies.get(i).passphraseWrapped()))
                        .bind("managed", copies.get(i).managed() ? 1 : 0)
                        .bind("instance", instance)
                        .bind("version", all.get(i).version())
                        .execute();
            }
            return handle.createUpdate(
                            "UPDATE instance SET custody = :custody, revision = revision + 1 WHERE id = :instance")
                    .bind("custody", custody.name())
                    .bind("instance", instance)
                    .execute();
        });
    }

    /** Forgets all versions of an instance of which nothing is left. */
    void forget(long instance) {
        database.write(handle -> handle.createUpdate("DELETE FROM key_version WHERE instance = :instance")
                .bind("instance", instance)
                .execute());
    }

    private static byte @Nullable [] bytes(@Nullable Wrapped wrapped) {
        return wrapped == null ? null : wrapped.bytes();
    }

    List<KeyVersion> list(long instance) {
        return database.read(handle -> handle.createQuery(
                        "SELECT * FROM key_version WHERE instance = :instance ORDER BY version DESC")
                .bind("instance", instance)
                .registerColumnMapper(Wrapped.class, (row, column, context) -> wrapped(row.getBytes(column)))
                .map(RecordMapper.of(KeyVersion.class))
                .list());
    }

    boolean isOfAnother(long instance, String recipient) {
        return database.read(handle -> handle.createQuery(
                                "SELECT count(*) FROM key_version WHERE recipient = :recipient AND instance <> :instance")
                        .bind("recipient", recipient)
                        .bind("instance", instance)
                        .mapTo(Integer.class)
                        .one()
                > 0);
    }

    /** How many of an instance's versions no backup was made with. */
    int unused(long instance) {
        return database.read(handle -> handle.createQuery("""
                        SELECT count(*) FROM key_version k WHERE k.instance = :instance
                          AND NOT EXISTS (SELECT 1 FROM backup b WHERE b.instance = k.instance AND b.key_version = k.version)
                        """)
                .bind("instance", instance)
                .mapTo(Integer.class)
                .one());
    }

    private static @Nullable Wrapped wrapped(byte @Nullable [] bytes) {
        return bytes == null ? null : new Wrapped(bytes);
    }
}
