package io.holdfast.manager.database;

import io.holdfast.format.instance.Custody;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The instances' key versions, wrapped. What changes one raises the revision of its instance, so that the instance's
 * record in the store follows ({@link Revisions}).
 */
public final class KeyVersions {
    private final Database database;

    public KeyVersions(Database database) {
        this.database = database;
    }

    /**
     * A key version.
     *
     * @param version from 1
     * @param recipient the public part, {@code age1…}
     * @param wrapped the identity, as an age file for the recovery recipients and, when {@code managed}, the master
     *     recipient; empty when it is for nobody
     * @param passphraseWrapped the identity, as an age file for the user's passphrase, or null
     * @param managed whether the manager's master identity opens {@code wrapped}
     * @param adopted whether no record speaks for it, only manifests do: never for new backups
     */
    public record KeyVersion(
            long instance,
            int version,
            String recipient,
            Wrapped wrapped,
            @Nullable Wrapped passphraseWrapped,
            boolean managed,
            boolean adopted,
            Instant createdAt) {}

    /** Bytes that compare by content and print as nothing. */
    public static final class Wrapped {
        private final byte[] bytes;

        public Wrapped(byte[] bytes) {
            this.bytes = bytes.clone();
        }

        /** A copy of the bytes. */
        public byte[] bytes() {
            return bytes.clone();
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Wrapped wrapped && Arrays.equals(bytes, wrapped.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }

        @Override
        public String toString() {
            return "wrapped";
        }
    }

    /**
     * An identity as it is to be kept, see {@link KeyVersion}.
     *
     * @param passphraseWrapped null for none
     */
    public record Copies(Wrapped wrapped, @Nullable Wrapped passphraseWrapped, boolean managed) {}

    /** Adds a version after all that there ever were of the instance. Returns its number. */
    public int add(long instance, String recipient, Copies copies) {
        return database.write(handle -> {
            int version = handle.createQuery("""
                            UPDATE instance SET next_key_version = next_key_version + 1, revision = revision + 1
                            WHERE id = :instance RETURNING next_key_version - 1
                            """)
                    .bind("instance", instance)
                    .mapTo(Integer.class)
                    .one();
            insert(handle, instance, version, recipient, copies, false, null);
            return version;
        });
    }

    /**
     * Takes in a version that a signed file of the store speaks for, in place of the one that is here.
     *
     * @param adopted whether that is only a manifest
     */
    public void takeIn(
            long instance, int version, String recipient, Copies copies, boolean adopted, Instant createdAt) {
        database.write(handle -> {
            handle.createUpdate("DELETE FROM key_version WHERE instance = :instance AND version = :version")
                    .bind("instance", instance)
                    .bind("version", version)
                    .execute();
            insert(handle, instance, version, recipient, copies, adopted, createdAt);
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
            Copies copies,
            boolean adopted,
            @Nullable Instant createdAt) {
        handle.createUpdate("""
                        INSERT INTO key_version
                          (instance, version, recipient, wrapped, passphrase_wrapped, managed, adopted, created_at)
                        VALUES (:instance, :version, :recipient, :wrapped, :passphraseWrapped, :managed, :adopted,
                          coalesce(:createdAt, %s))
                        """.formatted(Database.NOW))
                .bind("createdAt", createdAt == null ? null : (Long) createdAt.toEpochMilli())
                .bind("instance", instance)
                .bind("version", version)
                .bind("recipient", recipient)
                .bind("wrapped", copies.wrapped().bytes())
                .bind("passphraseWrapped", bytes(copies.passphraseWrapped()))
                .bind("managed", copies.managed() ? 1 : 0)
                .bind("adopted", adopted ? 1 : 0)
                .execute();
    }

    /** Keeps versions in another way, and notes who keeps them all. In order: one copy for each version. */
    public void rewrap(long instance, List<KeyVersion> all, List<Copies> copies, Custody custody) {
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
    public void forget(long instance) {
        database.write(handle -> handle.createUpdate("DELETE FROM key_version WHERE instance = :instance")
                .bind("instance", instance)
                .execute());
    }

    private static byte @Nullable [] bytes(@Nullable Wrapped wrapped) {
        return wrapped == null ? null : wrapped.bytes();
    }

    /** All versions of an instance, newest first. */
    public List<KeyVersion> list(long instance) {
        return database.read(handle -> handle.createQuery(
                        "SELECT * FROM key_version WHERE instance = :instance ORDER BY version DESC")
                .bind("instance", instance)
                .registerColumnMapper(Wrapped.class, (row, column, context) -> wrapped(row.getBytes(column)))
                .map(RecordMapper.of(KeyVersion.class))
                .list());
    }

    /** Whether another instance, or another life, has a key version with this recipient. */
    public boolean isOfAnother(long instance, String recipient) {
        return database.read(handle -> handle.createQuery(
                                "SELECT count(*) FROM key_version WHERE recipient = :recipient AND instance <> :instance")
                        .bind("recipient", recipient)
                        .bind("instance", instance)
                        .mapTo(Integer.class)
                        .one()
                > 0);
    }

    /** How many of an instance's versions no backup was made with. */
    public int unused(long instance) {
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
