package io.holdfast.manager.state;

import io.holdfast.format.age.X25519Recipient;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.manifest.SignedManifest;
import io.holdfast.format.segment.Cutter;
import io.holdfast.format.segment.Fingerprint;
import io.holdfast.format.segment.Runs;
import io.holdfast.format.segment.SealedSegment;
import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentList;
import io.holdfast.format.segment.SegmentListWriter;
import io.holdfast.format.segment.SegmentName;
import io.holdfast.format.segment.SegmentSecret;
import io.holdfast.format.segment.SegmentSink;
import io.holdfast.format.segment.SegmentSizes;
import io.holdfast.format.segment.SegmentWriter;
import io.holdfast.format.segment.WrittenArtifact;
import io.holdfast.format.signed.SignedFileException;
import io.holdfast.manager.config.StateCopyConfig;
import io.holdfast.manager.keys.SigningKey;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.sql.Database;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.Store.StoredObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts copies of the manager's SQLite database into the store. A copy is a folder in the format of all backups: segments,
 * each a complete age file to the master and the recovery recipients around zstd, their list, and a signed manifest, written
 * last, without which it is none. Segments are small objects, so that no copy needs more memory than another.
 *
 * <p>One thread makes copies; any may ask about them.
 */
public final class StateCopies {
    /** What copies say they are copies of. */
    static final String OWNER = "manager";

    static final String ARTIFACT = "state";

    private static final Logger log = LoggerFactory.getLogger(StateCopies.class);
    private static final DateTimeFormatter NAME =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final String KIND = "sqlite";
    private static final String TEMPORARY = "copy.db";
    private static final SegmentSizes SIZES = new SegmentSizes(SegmentSizes.LARGEST_MEAN);
    private static final int LEVEL = 1;

    private final Database database;
    private final Path directory;
    private final Store store;
    private final List<X25519Recipient> recipients;
    private final SigningKey signing;
    private final StateCopyConfig config;
    private final SecureRandom random;
    private final InstantSource clock;
    private volatile State state = new State(null, 0, false);

    /**
     * What is known of the copies.
     *
     * @param newest when the newest one was made, or null when none is known
     * @param bytes its size in the store, or 0 when another process made it
     * @param failed whether the last try to make one failed
     */
    public record State(@Nullable Instant newest, long bytes, boolean failed) {}

    /**
     * Makes it, and deletes what a process before it left half written.
     *
     * @param directory where the database lies; there has to be room for a second one
     * @param recipients who can open copies
     * @throws IOException when what was left cannot be deleted
     */
    public StateCopies(
            Database database,
            Path directory,
            Store store,
            List<X25519Recipient> recipients,
            SigningKey signing,
            StateCopyConfig config,
            SecureRandom random,
            InstantSource clock)
            throws IOException {
        this.database = database;
        this.directory = directory;
        this.store = store;
        this.recipients = List.copyOf(recipients);
        this.signing = signing;
        this.config = config;
        this.random = random;
        this.clock = clock;
        Files.deleteIfExists(temporary());
    }

    private Path temporary() {
        return directory.resolve(TEMPORARY);
    }

    /** What is known of the copies now. */
    public State state() {
        return state;
    }

    /**
     * Makes a copy if the newest one is too old. Called again and again.
     *
     * @throws IOException when there is no room for it
     * @throws io.holdfast.manager.store.StoreException when the store cannot be used
     */
    public void copyWhenDue() throws IOException, InterruptedException {
        State known = state;
        try {
            Instant newest = known.newest() == null
                    ? newest(store, signing).map(StateCopies::time).orElse(null)
                    : known.newest();
            state = new State(newest, known.bytes(), known.failed());
            // One from the future says nothing: the clock was wrong then, or is now.
            if (newest == null
                    || newest.isAfter(clock.instant())
                    || !newest.plus(config.every()).isAfter(clock.instant())) {
                copy();
            }
        } catch (IOException | RuntimeException e) {
            state = new State(state.newest(), state.bytes(), true);
            throw e;
        }
    }

    /** Makes a copy now, and deletes those that are too many. */
    void copy() throws IOException, InterruptedException {
        Instant begun = clock.instant();
        String name = NAME.format(begun);
        Stored stored = new Stored(name);
        WrittenArtifact written;
        Files.deleteIfExists(temporary());
        try {
            database.copyTo(temporary());
            written = write(stored);
        } finally {
            Files.deleteIfExists(temporary());
        }
        SegmentList list = stored.putList();
        long bytes = stored.bytes();
        Instant ended = clock.instant();
        Manifest manifest = new Manifest(
                Manifest.FORMAT,
                OWNER,
                name,
                begun.getEpochSecond(),
                begun,
                ended,
                ARTIFACT,
                null,
                Manifest.Life.UNRECORDED,
                1,
                recipients.stream().map(X25519Recipient::toString).toList(),
                List.of(new Manifest.Artifact(
                        ARTIFACT,
                        KIND,
                        Database.FILE,
                        written.plaintextBytes(),
                        bytes,
                        SIZES.mean(),
                        written.segments())),
                new Manifest.Segments(
                        Cutter.NAME,
                        list,
                        List.of(new Manifest.Brought(
                                name,
                                1,
                                ended,
                                Runs.below(Math.toIntExact(written.segments())).toString(),
                                bytes))),
                Map.of());
        store.put(StoreLayout.stateManifest(name), SignedManifest.sign(manifest, signing.pair()));
        state = new State(begun, bytes, false);
        log.info("catalogue backup {} made, {} bytes", StoreLayout.state(name), bytes);
        thin();
    }

    /** Nobody keeps the secret that it is cut by: no other copy uses its segments. */
    private WrittenArtifact write(Stored stored) throws IOException, InterruptedException {
        try (InputStream in = Files.newInputStream(temporary());
                SegmentWriter writer =
                        new SegmentWriter(SegmentSecret.random(random), recipients, LEVEL, 1, 1, random)) {
            return writer.write(in, SIZES, stored).await();
        }
    }

    /** The segments of a copy on their way into the store. */
    private final class Stored implements SegmentSink {
        private final String copy;
        private final SortedMap<Long, SegmentLine> lines = new TreeMap<>();

        Stored(String copy) {
            this.copy = copy;
        }

        @Override
        public boolean isStored(long position, Fingerprint fingerprint) {
            return false;
        }

        @Override
        public void store(long position, Fingerprint fingerprint, SealedSegment sealed) {
            SegmentName name = new SegmentName(copy, 1, Math.toIntExact(position));
            store.put(StoreLayout.stateSegment(name), Arrays.copyOf(sealed.buffer(), sealed.bytes()));
            add(position, new SegmentLine(ARTIFACT, fingerprint, sealed.bytes(), sealed.sha256(), sealed.key(), name));
        }

        private synchronized void add(long position, SegmentLine line) {
            lines.put(position, line);
        }

        synchronized long bytes() {
            return lines.values().stream().mapToLong(SegmentLine::bytes).sum();
        }

        synchronized SegmentList putList() throws IOException {
            ByteArrayOutputStream file = new ByteArrayOutputStream();
            int path = new SegmentName(copy, 1, 0).path().length();
            SegmentListWriter writer = new SegmentListWriter(file, ARTIFACT.length(), path);
            for (SegmentLine line : lines.values()) {
                writer.write(line);
            }
            SegmentList list = writer.end();
            store.put(StoreLayout.stateList(copy), file.toByteArray());
            return list;
        }
    }

    /**
     * Deletes the oldest copies, and what broken-off ones left. Never the newest whole one, and never one that this manager
     * did not sign: it may be the last of a manager before it, and junk that somebody has put there costs nothing.
     */
    private void thin() {
        int whole = 0;
        for (String name : copies(store)) {
            if (isWhole(store, signing, name)) {
                whole++;
                if (whole > config.keep()) {
                    delete(name);
                }
            } else if (whole > 0 && store.head(StoreLayout.stateManifest(name)).isEmpty()) {
                // One without a manifest that is newer than all others may be another manager's that is being made.
                delete(name);
            }
        }
    }

    private void delete(String name) {
        store.delete(StoreLayout.stateManifest(name));
        for (StoredObject object : store.list(StoreLayout.state(name))) {
            store.delete(object.key());
        }
    }

    /** The names of all copies, also of broken-off ones, newest first. */
    private static List<String> copies(Store store) {
        return store.folders(StoreLayout.states()).stream()
                .filter(StateCopies::isName)
                .toList()
                .reversed();
    }

    /** The name of the newest whole copy. */
    static Optional<String> newest(Store store, SigningKey signing) {
        return copies(store).stream()
                .filter(name -> isWhole(store, signing, name))
                .findFirst();
    }

    /** Whether there are copies, though perhaps none that can be believed. */
    static boolean isAnyThere(Store store) {
        return copies(store).stream()
                .anyMatch(name -> store.head(StoreLayout.stateManifest(name)).isPresent());
    }

    private static boolean isWhole(Store store, SigningKey signing, String name) {
        Optional<byte[]> file = store.get(StoreLayout.stateManifest(name));
        try {
            if (file.isPresent()) {
                manifest(file.get(), signing, name);
            }
            return file.isPresent();
        } catch (SignedFileException e) {
            log.error("the catalogue backup of {} is not used: {}", name, e.getMessage());
            return false;
        }
    }

    /**
     * The manifest of a copy.
     *
     * @throws SignedFileException when it is not authentic, or another one's
     */
    static Manifest manifest(byte[] file, SigningKey signing, String name) throws SignedFileException {
        SignedManifest signed = SignedManifest.parse(file);
        signed.requireSignedBy(signing.trusted());
        Manifest manifest = signed.manifest();
        if (!manifest.instanceId().equals(OWNER)
                || !manifest.backupId().equals(name)
                || !manifest.artifacts().getFirst().name().equals(ARTIFACT)) {
            throw SignedFileException.anothers("its manifest is that of " + manifest.backupId());
        }
        return manifest;
    }

    private static boolean isName(String name) {
        try {
            return NAME.format(time(name)).equals(name);
        } catch (DateTimeParseException e) {
            return false;
        }
    }

    private static Instant time(String name) {
        return NAME.parse(name, Instant::from);
    }
}
