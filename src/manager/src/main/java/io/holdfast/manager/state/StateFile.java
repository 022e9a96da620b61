package io.holdfast.manager.state;

import io.holdfast.format.age.Age;
import io.holdfast.format.age.AgeException;
import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.age.X25519Recipient;
import io.holdfast.format.zstd.CorruptFrameException;
import io.holdfast.format.zstd.FrameCompressor;
import io.holdfast.format.zstd.FrameReader;
import io.holdfast.manager.sql.Database;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.List;

/**
 * A copy of the manager's SQLite database in a file, for those who keep copies somewhere else than in the store, such as
 * BBR: zstd inside age, to the master and the recovery recipients, as {@link StateCopies} writes it.
 */
public final class StateFile {
    private static final int LEVEL = 1;

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
                seal(in, Files.newOutputStream(file, StandardOpenOption.CREATE_NEW), recipients, random);
            }
            whole = true;
        } finally {
            Files.deleteIfExists(plain);
            if (!whole) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static void seal(InputStream in, OutputStream out, List<X25519Recipient> recipients, SecureRandom random)
            throws IOException {
        byte[] plain = new byte[FrameReader.LARGEST_CONTENT];
        byte[] frame = new byte[FrameCompressor.largestFrameBytes()];
        try (OutputStream sealed = Age.encrypt(out, recipients, random);
                FrameCompressor compressor = new FrameCompressor(LEVEL)) {
            for (int n = in.readNBytes(plain, 0, plain.length); n > 0; n = in.readNBytes(plain, 0, plain.length)) {
                sealed.write(frame, 0, compressor.compress(plain, 0, n, frame));
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
            try (InputStream in = new FrameReader(Age.decrypt(Files.newInputStream(file), List.of(master)))) {
                Files.copy(in, fresh, StandardCopyOption.REPLACE_EXISTING);
            } catch (AgeException e) {
                throw new IOException(
                        e.kind() == AgeException.Kind.NO_MATCHING_KEY
                                ? "the manager's master key does not open " + file
                                        + "\nHINT: configure the keys of the manager that made it"
                                : file + " is damaged: " + e.getMessage(),
                        e);
            } catch (CorruptFrameException e) {
                throw new IOException(file + " is damaged: " + e.getMessage(), e);
            }
            Database.checkSqlite(fresh);
            StateRestore.putInPlace(fresh, directory);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }
}
