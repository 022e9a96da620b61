package io.holdfast.manager.database;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

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
     * @param wrapped the identity, as an age file for the recovery recipients and, when {@code managed}, the master
     *     recipient; empty when it is for nobody
     * @param passphraseWrapped the identity, as an age file for the user's passphrase, or null
     * @param managed whether the manager's master identity opens {@code wrapped}
     * @param stored whether its files lie in the store; only then may a backup be made with it
     * @param wrap how often it was wrapped
     * @param storedWrap which of these the store has
     */
    public record KeyVersion(
            long instance,
            int version,
            String recipient,
            Wrapped wrapped,
            @Nullable Wrapped passphraseWrapped,
            boolean managed,
            boolean stored,
            long wrap,
            long storedWrap,
            Instant createdAt) {
        /** Whether the store has its files as they are here. */
        public boolean isStoredAsIs() {
            return stored && wrap == storedWrap;
        }
    }

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

    /**
     * An identity as it is to be kept, see {@link KeyVersion}.
     *
     * @param passphraseWrapped null for none
     */
    public record Copies(Wrapped wrapped, @Nullable Wrapped passphraseWrapped, boolean managed) {}

    /** Adds a version after the newest. Returns its number. */
    public int add(long instance, String recipient, Copies copies) {
        return database.write(handle -> handle.createQuery("""
                        INSERT INTO key_version
                          (instance, version, recipient, wrapped, passphrase_wrapped, managed, created_at)
                        VALUES (:instance,
                          (SELECT coalesce(max(version), 0) + 1 FROM key_version WHERE instance = :instance),
                          :recipient, :wrapped, :passphraseWrapped, :managed, %s)
                        RETURNING version
                        """.formatted(Database.NOW))
                .bind("instance", instance)
                .bind("recipient", recipient)
                .bind("wrapped", copies.wrapped().bytes())
                .bind("passphraseWrapped", bytes(copies.passphraseWrapped()))
                .bind("managed", copies.managed() ? 1 : 0)
                .mapTo(Integer.class)
                .one());
    }

    /**
     * Adds a version, unless others were added or wrapped again since these were seen. Returns its number.
     *
     * @param seen all versions, as they were
     */
    public Optional<Integer> addAfter(List<KeyVersion> seen, long instance, String recipient, Copies copies) {
        return database.write(handle -> wraps(list(instance)).equals(wraps(seen))
                ? Optional.of(add(instance, recipient, copies))
                : Optional.empty());
    }

    /** Adds a version that the store has and the catalogue has not. */
    public void adopt(long instance, int version, String recipient, Copies copies) {
        database.write(handle -> handle.createUpdate("""
                        INSERT INTO key_version
                          (instance, version, recipient, wrapped, passphrase_wrapped, managed, stored, created_at)
                        VALUES (:instance, :version, :recipient, :wrapped, :passphraseWrapped, :managed, 1, %s)
                        ON CONFLICT (instance, version) DO NOTHING
                        """.formatted(Database.NOW))
                .bind("instance", instance)
                .bind("version", version)
                .bind("recipient", recipient)
                .bind("wrapped", copies.wrapped().bytes())
                .bind("passphraseWrapped", bytes(copies.passphraseWrapped()))
                .bind("managed", copies.managed() ? 1 : 0)
                .execute());
    }

    /**
     * Keeps all versions of an instance in another way, all of them or none.
     *
     * @param seen all versions, as they were when {@code copies} were made
     * @param copies one for each of these, in the same order
     * @return false when they are not like that any more; nothing is changed then
     */
    public boolean rewrap(long instance, List<KeyVersion> seen, List<Copies> copies) {
        return database.write(handle -> {
            if (!wraps(list(instance)).equals(wraps(seen))) {
                return false;
            }
            for (int i = 0; i < seen.size(); i++) {
                handle.createUpdate("""
                                UPDATE key_version SET wrapped = :wrapped, passphrase_wrapped = :passphraseWrapped,
                                  managed = :managed, wrap = wrap + 1
                                WHERE instance = :instance AND version = :version
                                """)
                        .bind("wrapped", copies.get(i).wrapped().bytes())
                        .bind("passphraseWrapped", bytes(copies.get(i).passphraseWrapped()))
                        .bind("managed", copies.get(i).managed() ? 1 : 0)
                        .bind("instance", instance)
                        .bind("version", seen.get(i).version())
                        .execute();
            }
            return true;
        });
    }

    /** Keeps a version as the store has it: the catalogue is older than that. */
    public void follow(long instance, int version, Copies copies) {
        database.write(handle -> handle.createUpdate("""
                        UPDATE key_version SET wrapped = :wrapped, passphrase_wrapped = :passphraseWrapped,
                          managed = :managed, stored = 1, wrap = wrap + 1, stored_wrap = wrap + 1
                        WHERE instance = :instance AND version = :version
                        """)
                .bind("wrapped", copies.wrapped().bytes())
                .bind("passphraseWrapped", bytes(copies.passphraseWrapped()))
                .bind("managed", copies.managed() ? 1 : 0)
                .bind("instance", instance)
                .bind("version", version)
                .execute());
    }

    private static Map<Integer, Long> wraps(List<KeyVersion> versions) {
        return versions.stream().collect(Collectors.toMap(KeyVersion::version, KeyVersion::wrap));
    }

    private static byte @Nullable [] bytes(@Nullable Wrapped wrapped) {
        return wrapped == null ? null : wrapped.bytes();
    }

    /** Notes that the store has the files of this wrap. False when it is not the newest one any more. */
    public boolean markStored(long instance, int version, long wrap) {
        return database.write(handle -> handle.createUpdate("""
                                UPDATE key_version SET stored = 1, stored_wrap = :wrap
                                WHERE instance = :instance AND version = :version AND wrap = :wrap
                                """)
                        .bind("wrap", wrap)
                        .bind("instance", instance)
                        .bind("version", version)
                        .execute()
                == 1);
    }

    /** All versions of an instance, newest first. */
    public List<KeyVersion> list(long instance) {
        return rows("WHERE instance = :a ORDER BY version DESC", instance);
    }

    /** Some versions whose files in the store are older than what is here. */
    public List<KeyVersion> toStoreAgain(int most) {
        return rows("WHERE wrap <> stored_wrap LIMIT :a", most);
    }

    private List<KeyVersion> rows(String where, long a) {
        return database.read(handle -> handle.createQuery("SELECT * FROM key_version " + where)
                .bind("a", a)
                .registerColumnMapper(Wrapped.class, (row, column, context) -> wrapped(row.getBytes(column)))
                .map(RecordMapper.of(KeyVersion.class))
                .list());
    }

    private static @Nullable Wrapped wrapped(byte @Nullable [] bytes) {
        return bytes == null ? null : new Wrapped(bytes);
    }
}
