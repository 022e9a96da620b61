package io.holdfast.manager.state;

import io.holdfast.format.age.Age;
import io.holdfast.format.age.AgeException;
import io.holdfast.format.age.FileKey;
import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.age.X25519Recipient;
import io.holdfast.format.artifact.ArtifactReader;
import io.holdfast.format.artifact.ArtifactWriter;
import io.holdfast.format.artifact.CorruptArtifactException;
import io.holdfast.format.artifact.SegmentSource;
import io.holdfast.format.artifact.Settings;
import io.holdfast.manager.sql.Database;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;

/**
 * A copy of the manager's SQLite database in a file, for those who keep copies somewhere else than in the store, such as
 * BBR: zstd inside age, to the master and the recovery recipients, as {@link StateCopies} writes it.
 */
public final class StateFile {
    private static final int MOST_HEADER_BYTES = 64 * 1024;
    private static final Settings SETTINGS = new Settings(1, 1, 1L << 40);

    private StateFile() {}

    /**
     * Writes a copy of the database as it is at one moment; a manager may work on it meanwhile.
     *
     * @param directory where the database lies; there has to be room for a second one
     * @param file must not be there
     * @throws IOException when there is no database or no room, and then the file is not there
     */
    public static void write(Path directory, Path file, List<X25519Recipient> recipients, SecureRandom random)
            throws IOException, InterruptedException {
        Path plain = directory.resolve("copy-to-file.db");
        Files.deleteIfExists(plain);
        boolean whole = false;
        try {
            Database.copySqlite(directory, plain);
            try (InputStream in = Files.newInputStream(plain)) {
                new ArtifactWriter(recipients, SETTINGS, random)
                        .write(in, _ -> Files.newOutputStream(file, StandardOpenOption.CREATE_NEW));
            }
            whole = true;
        } finally {
            Files.deleteIfExists(plain);
            if (!whole) {
                Files.deleteIfExists(file);
            }
        }
    }

    /**
     * Puts a copy into the place of the database, which is set aside. For a manager that does not run: the caller has the
     * lock of its directory.
     *
     * @throws IOException when the copy cannot be opened or is not whole; all is as it was
     */
    public static void restore(Path file, Path directory, X25519Identity master) throws IOException {
        Path fresh = directory.resolve("restored.db");
        try {
            try (InputStream in = ArtifactReader.open(List.of(source(file, master)))) {
                Files.copy(in, fresh, StandardCopyOption.REPLACE_EXISTING);
            } catch (CorruptArtifactException e) {
                throw new IOException(file + " is damaged: " + e.getMessage(), e);
            }
            Database.checkSqlite(fresh);
            StateRestore.putInPlace(fresh, directory);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    private static SegmentSource source(Path file, X25519Identity master) throws IOException {
        FileKey key = key(file, master);
        long bytes = Files.size(file);
        String sha256 = sha256(file);
        return new SegmentSource() {
            @Override
            public InputStream open() throws IOException {
                return Files.newInputStream(file);
            }

            @Override
            public FileKey key() {
                return key;
            }

            @Override
            public long bytes() {
                return bytes;
            }

            @Override
            public String sha256() {
                return sha256;
            }
        };
    }

    private static FileKey key(Path file, X25519Identity master) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return Age.fileKey(new ByteArrayInputStream(in.readNBytes(MOST_HEADER_BYTES)), List.of(master));
        } catch (AgeException e) {
            throw new IOException(
                    e.kind() == AgeException.Kind.NO_MATCHING_KEY
                            ? "the manager's master key does not open " + file
                                    + "\nHINT: configure the keys of the manager that made it"
                            : file + " is damaged: " + e.getMessage(),
                    e);
        }
    }

    private static String sha256(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 16];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
