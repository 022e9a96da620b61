package io.holdfast.manager.database;

import java.time.Instant;
import java.util.List;

/** The instances' key versions, wrapped. */
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
     * @param wrapped the identity, as an age file for the master and the recovery recipients
     * @param stored whether {@code wrapped} lies in the store too; only then may a backup be made with it
     */
    public record KeyVersion(
            long instance, int version, String recipient, Wrapped wrapped, boolean stored, Instant createdAt) {}

    /** Bytes that compare and print as nothing. */
    public static final class Wrapped {
        private final byte[] bytes;

        public Wrapped(byte[] bytes) {
            this.bytes = bytes.clone();
        }

        /** A copy of the bytes. */
        public byte[] bytes() {
            return bytes.clone();
        }
    }

    /** Adds a version after the newest. Returns its number. */
    public int add(long instance, String recipient, byte[] wrapped) {
        return database.write(handle -> handle.createQuery("""
                        INSERT INTO key_version (instance, version, recipient, wrapped, created_at)
                        VALUES (:instance,
                          (SELECT coalesce(max(version), 0) + 1 FROM key_version WHERE instance = :instance),
                          :recipient, :wrapped, %s)
                        RETURNING version
                        """.formatted(Database.NOW))
                .bind("instance", instance)
                .bind("recipient", recipient)
                .bind("wrapped", wrapped)
                .mapTo(Integer.class)
                .one());
    }

    /** Adds a version that the store has and the catalogue has not. */
    public void adopt(long instance, int version, String recipient, byte[] wrapped) {
        database.write(handle -> handle.createUpdate("""
                        INSERT INTO key_version (instance, version, recipient, wrapped, stored, created_at)
                        VALUES (:instance, :version, :recipient, :wrapped, 1, %s)
                        ON CONFLICT (instance, version) DO NOTHING
                        """.formatted(Database.NOW))
                .bind("instance", instance)
                .bind("version", version)
                .bind("recipient", recipient)
                .bind("wrapped", wrapped)
                .execute());
    }

    public void markStored(long instance, int version) {
        database.write(handle -> handle.createUpdate(
                        "UPDATE key_version SET stored = 1 WHERE instance = :instance AND version = :version")
                .bind("instance", instance)
                .bind("version", version)
                .execute());
    }

    /** All versions of an instance, newest first. */
    public List<KeyVersion> list(long instance) {
        return database.read(handle -> handle.createQuery(
                        "SELECT * FROM key_version WHERE instance = :instance ORDER BY version DESC")
                .bind("instance", instance)
                .registerColumnMapper(Wrapped.class, (row, column, context) -> new Wrapped(row.getBytes(column)))
                .map(RecordMapper.of(KeyVersion.class))
                .list());
    }
}
