package io.holdfast.manager.state;

import io.holdfast.format.age.Age;
import io.holdfast.format.age.AgeException;
import io.holdfast.format.age.FileKey;
import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.segment.CorruptListException;
import io.holdfast.format.segment.CorruptSegmentException;
import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentListReader;
import io.holdfast.format.segment.SegmentReader;
import io.holdfast.format.segment.SegmentSource;
import io.holdfast.format.signed.SignedFileException;
import io.holdfast.manager.keys.SigningKey;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.sql.Database;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.StoreException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Brings the newest copy of the manager's database back. For a manager that does not run: the caller has the lock of its
 * directory. Nothing is in its place before all of it was read, decrypted and found whole.
 */
public final class StateRestore {
    private static final int READ_AT_ONCE = 2;
    private static final int MOST_HEADER_BYTES = 64 * 1024;

    private final Store store;
    private final X25519Identity master;
    private final SigningKey signing;

    public StateRestore(Store store, X25519Identity master, SigningKey signing) {
        this.store = store;
        this.master = master;
        this.signing = signing;
    }

    /**
     * Brings it back.
     *
     * @param replace whether a database that is there may be set aside; its files keep their names with
     *     {@code .replaced} behind them
     * @return the copy's name
     * @throws IOException when there is no copy, it cannot be opened, or a database is in the way; all is as it was
     */
    public String run(Path directory, boolean replace) throws IOException {
        Path place = directory.resolve(Database.FILE);
        if (Files.exists(place) && !replace) {
            throw new IOException(
                    place + " is there" + "\nHINT: with --replace it is set aside, and what only it knows is lost");
        }
        String name = StateCopies.newest(store, signing)
                .orElseThrow(() -> new IOException(
                        StateCopies.isAnyThere(store)
                                ? "the catalogue backups in the store are not authentic"
                                        + "\nHINT: keys.trusted_signing_key_files names the keys of earlier managers"
                                : "the store has no catalogue backup"
                                        + "\nHINT: rebuild makes a catalogue without one"));
        Path fresh = directory.resolve("restored.db");
        try {
            write(name, fresh);
            putInPlace(fresh, directory);
        } finally {
            Files.deleteIfExists(fresh);
        }
        return name;
    }

    /** Makes a file the database, and puts the one that is there aside. */
    static void putInPlace(Path fresh, Path directory) throws IOException {
        for (String end : List.of("", "-wal", "-shm")) {
            Path old = directory.resolve(Database.FILE + end);
            if (Files.exists(old)) {
                Files.move(
                        old, directory.resolve(Database.FILE + end + ".replaced"), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        try (FileChannel written = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
            written.force(true);
        }
        Files.move(fresh, directory.resolve(Database.FILE), StandardCopyOption.ATOMIC_MOVE);
    }

    private void write(String name, Path file) throws IOException {
        Manifest manifest = manifest(name);
        Manifest.Artifact artifact = manifest.artifacts().getFirst();
        try (InputStream in = new SegmentReader(
                lines(name, manifest).iterator(), new Stored(), artifact.sizes(), null, READ_AT_ONCE)) {
            if (Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING) != artifact.plaintextBytes()) {
                throw new IOException("the catalogue backup " + name + " is damaged: it is shorter than it should be");
            }
        } catch (CorruptSegmentException e) {
            throw new IOException("the catalogue backup " + name + " is damaged: " + e.getMessage(), e);
        } catch (AgeException e) {
            throw new IOException(
                    e.kind() == AgeException.Kind.NO_MATCHING_KEY
                            ? "the manager's master key does not open the catalogue backup " + name
                                    + "\nHINT: configure the keys of the manager that made it"
                            : "the catalogue backup " + name + " is damaged: " + e.getMessage(),
                    e);
        }
    }

    private Manifest manifest(String name) throws IOException {
        byte[] file = store.get(StoreLayout.stateManifest(name))
                .orElseThrow(
                        () -> new IOException("the catalogue backup " + name + " is being deleted\nHINT: try again"));
        try {
            return StateCopies.manifest(file, signing, name);
        } catch (SignedFileException e) {
            throw new IOException(
                    "the manifest of the catalogue backup " + name + " is not authentic: " + e.getMessage()
                            + "\nHINT: keys.trusted_signing_key_files names the keys of earlier managers",
                    e);
        }
    }

    private List<SegmentLine> lines(String name, Manifest manifest) throws IOException {
        byte[] list = store.get(StoreLayout.stateList(name))
                .orElseThrow(() -> new IOException(
                        "the catalogue backup " + name + " is damaged: the list of its segments is missing"));
        List<SegmentLine> lines = new ArrayList<>();
        SegmentListReader reader = new SegmentListReader(
                new ByteArrayInputStream(list), manifest.segments().list());
        try {
            for (SegmentLine line = reader.next(); line != null; line = reader.next()) {
                lines.add(line);
            }
        } catch (CorruptListException e) {
            throw new IOException(
                    "the catalogue backup " + name + " is damaged: the list of its segments: " + e.getMessage(), e);
        }
        return lines;
    }

    /** The segments in the store. */
    private final class Stored implements SegmentSource {
        @Override
        public FileKey key(SegmentLine line) throws IOException {
            // The list has what the master recipient gets; a recovery identity finds its own in the object.
            String object = StoreLayout.stateSegment(line.name());
            try (InputStream in = store.read(object, 0, line.bytes())) {
                return Age.fileKey(new ByteArrayInputStream(in.readNBytes(MOST_HEADER_BYTES)), List.of(master));
            } catch (StoreException e) {
                throw new IOException(object + " cannot be read: " + e.getMessage(), e);
            }
        }

        @Override
        public int read(SegmentLine line, byte[] target) throws IOException {
            String object = StoreLayout.stateSegment(line.name());
            try (InputStream in = store.read(object, 0, Long.MAX_VALUE)) {
                return in.readNBytes(target, 0, target.length);
            } catch (StoreException e) {
                throw new IOException(object + " cannot be read: " + e.getMessage(), e);
            }
        }
    }
}
