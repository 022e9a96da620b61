package io.holdfast.manager.verification;

import io.holdfast.format.age.AgeException;
import io.holdfast.format.age.FileKey;
import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.manifest.SignedManifest;
import io.holdfast.format.segment.CorruptSegmentException;
import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentName;
import io.holdfast.format.segment.SegmentOpener;
import io.holdfast.format.segment.SegmentReader;
import io.holdfast.format.segment.SegmentSecret;
import io.holdfast.format.segment.SegmentSource;
import io.holdfast.format.signed.SignedFileException;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.backup.Replacement;
import io.holdfast.manager.backup.VerificationLevel;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.keys.KeyMismatchException;
import io.holdfast.manager.keys.KeyRing;
import io.holdfast.manager.keys.SigningKey;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.StoreException;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Reads backups as they are stored, and believes nothing of them that is not proven: the manifest's signature,
 * its instance and name, that it is the one that the catalogue knows, and each segment's key and hash.
 *
 * <p>May be used by any thread. A {@link StoreException} from any method says nothing about the backup.
 */
public final class StoredBackups {
    /** Each takes 8 MiB and more of the manager's memory. */
    private static final int READ_AT_ONCE = 2;

    private static final int DISCARD_BYTES = 64 * 1024;

    private final Backups backups;
    private final Store store;
    private final KeyRing keys;
    private final SigningKey signing;
    private final Executor helpers;

    /**
     * Makes it.
     *
     * @param helpers read some segments at once; what runs them at once itself makes it one after the other
     */
    public StoredBackups(Backups backups, Store store, KeyRing keys, SigningKey signing, Executor helpers) {
        this.backups = backups;
        this.store = store;
        this.keys = keys;
        this.signing = signing;
        this.helpers = helpers;
    }

    /**
     * The manifest in the store.
     *
     * @throws UnreadableBackup when it is missing, changed, of another backup, or not the catalogue's
     */
    public Manifest manifest(Instance instance, Backup backup) throws UnreadableBackup {
        byte[] file = store.get(StoreLayout.manifest(instance.folder(), backup.backupId()))
                .orElseThrow(() -> new UnreadableBackup(FailureCode.CORRUPT, "its manifest is not in the store", null));
        try {
            SignedManifest signed = SignedManifest.parse(file);
            signed.requireSignedBy(signing.trusted());
            Manifest manifest = signed.manifest();
            if (!manifest.instanceId().equals(instance.folder())) {
                throw new UnreadableBackup(
                        FailureCode.WRONG_INSTANCE,
                        "its manifest in the store belongs to instance " + manifest.instanceId(),
                        null);
            }
            if (!new String(file, StandardCharsets.UTF_8)
                    .equals(backups.manifest(backup.id()).orElse(null))) {
                throw new UnreadableBackup(
                        FailureCode.CORRUPT, "its manifest in the store is not the one that was written", null);
            }
            return manifest;
        } catch (SignedFileException e) {
            throw new UnreadableBackup(FailureCode.CORRUPT, "its manifest is not authentic: " + e.getMessage(), e);
        }
    }

    /** Whether the store has an authentic manifest of a backup, whatever the catalogue says of it. */
    public boolean isThere(Instance instance, Backup backup) {
        Optional<byte[]> file = store.get(StoreLayout.manifest(instance.folder(), backup.backupId()));
        if (file.isEmpty()) {
            return false;
        }
        try {
            SignedManifest signed = SignedManifest.parse(file.get());
            signed.requireSignedBy(signing.trusted());
            return signed.manifest().instanceId().equals(instance.folder())
                    && signed.manifest().backupId().equals(backup.backupId());
        } catch (SignedFileException e) {
            return false; // somebody has put it there; a commit writes over it
        }
    }

    /**
     * The identity that opens a backup, by the manager's own key.
     *
     * @throws UnreadableBackup when the manager cannot open it, also because its user alone keeps it
     */
    public X25519Identity identity(Instance instance, Manifest manifest) throws UnreadableBackup {
        try {
            return keys.open(instance, manifest.keyVersion());
        } catch (KeyMismatchException e) {
            throw new UnreadableBackup(FailureCode.KEY_MISMATCH, String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * The list of its segments; to be closed.
     *
     * @throws UnreadableBackup when it is not in the store, or not as it was made
     */
    public OpenedList list(Manifest manifest) throws UnreadableBackup {
        return OpenedList.read(store, manifest);
    }

    /**
     * By which the segments' fingerprints were made.
     *
     * @return null when nobody has it any more
     */
    public @Nullable SegmentSecret segmentSecret(Instance instance, Manifest manifest) throws UnreadableBackup {
        try {
            return keys.segmentSecret(instance, manifest.keyVersion());
        } catch (KeyMismatchException e) {
            throw new UnreadableBackup(FailureCode.KEY_MISMATCH, String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * The file key of a segment.
     *
     * @throws UnreadableBackup when the identity does not open it
     */
    public static FileKey key(X25519Identity identity, Manifest manifest, SegmentLine line) throws UnreadableBackup {
        try {
            return identity.open(line.key());
        } catch (AgeException e) {
            // Manifest and list are authentic: when they say that this key opens the segment, they were made wrong.
            boolean shouldOpen =
                    manifest.recipients().contains(identity.recipient().toString());
            throw new UnreadableBackup(
                    shouldOpen ? FailureCode.CORRUPT : FailureCode.KEY_MISMATCH,
                    line.name().path() + " cannot be opened: " + e.getMessage(),
                    shouldOpen ? line.name() : null,
                    e);
        }
    }

    /**
     * Reads everything to its end: hashes and, where the manager has the key, decrypts, decompresses, compares the
     * fingerprints and counts.
     *
     * @return what is proven then
     * @throws UnreadableBackup at the first thing that is not as it was made
     */
    public VerificationLevel readThrough(Instance instance, Backup backup) throws UnreadableBackup {
        Manifest manifest = manifest(instance, backup);
        boolean usersOnly = keys.isUsersOnly(instance, manifest.keyVersion());
        X25519Identity identity = usersOnly ? null : identity(instance, manifest);
        SegmentSecret secret = usersOnly ? null : segmentSecret(instance, manifest);
        Map<SegmentName, Replacement> replaced = backups.replacements().of(instance.folder());
        try (OpenedList list = list(manifest)) {
            long first = 0;
            for (Manifest.Artifact artifact : manifest.artifacts()) {
                long next = first + artifact.segments();
                requireOfArtifact(artifact, list.between(first, next));
                Iterator<SegmentLine> lines = replaced(list.between(first, next), replaced);
                if (identity == null) {
                    readCiphertext(manifest, lines);
                } else {
                    readThrough(artifact, lines, new Segments(manifest, identity), secret);
                }
                first = next;
            }
        }
        return usersOnly ? VerificationLevel.CIPHERTEXT : VerificationLevel.DECRYPTED;
    }

    /** The same lines, with other objects in the place of those that are damaged or lost. */
    private static Iterator<SegmentLine> replaced(Iterator<SegmentLine> lines, Map<SegmentName, Replacement> replaced) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return lines.hasNext();
            }

            @Override
            public SegmentLine next() {
                return Replacement.in(lines.next(), replaced);
            }
        };
    }

    private static void requireOfArtifact(Manifest.Artifact artifact, Iterator<SegmentLine> lines)
            throws UnreadableBackup {
        while (lines.hasNext()) {
            if (!lines.next().artifact().equals(artifact.name())) {
                throw new UnreadableBackup(
                        FailureCode.CORRUPT, "the list of its segments is not in the order of its artifacts", null);
            }
        }
    }

    private void readCiphertext(Manifest manifest, Iterator<SegmentLine> lines) throws UnreadableBackup {
        byte[] object = new byte[SegmentLine.MOST_BYTES + 1];
        while (lines.hasNext()) {
            SegmentLine line = lines.next();
            try {
                SegmentOpener.requireSealed(object, read(manifest, line, object), line);
            } catch (CorruptSegmentException e) {
                throw damaged(line, e);
            } catch (Missing e) {
                throw missing(e);
            } catch (IOException e) {
                throw unread(line.name().path(), e);
            }
        }
    }

    private void readThrough(
            Manifest.Artifact artifact, Iterator<SegmentLine> lines, Segments source, @Nullable SegmentSecret secret)
            throws UnreadableBackup {
        long total = read(artifact, lines, source, secret);
        if (total != artifact.plaintextBytes()) {
            throw new UnreadableBackup(
                    FailureCode.CORRUPT,
                    artifact.name() + " has " + total + " bytes instead of " + artifact.plaintextBytes(),
                    null);
        }
    }

    /** Whether the object that a line of a backup's list names is as it was made, as far as the manager can see that. */
    boolean isWhole(Instance instance, Manifest manifest, SegmentLine line) {
        try {
            if (keys.isUsersOnly(instance, manifest.keyVersion())) {
                readCiphertext(manifest, List.of(line).iterator());
                return true;
            }
            Segments source = new Segments(manifest, identity(instance, manifest));
            SegmentSecret secret = segmentSecret(instance, manifest);
            for (Manifest.Artifact artifact : manifest.artifacts()) {
                if (artifact.name().equals(line.artifact())) {
                    read(artifact, List.of(line).iterator(), source, secret);
                    return true;
                }
            }
            return false;
        } catch (UnreadableBackup e) {
            return false;
        }
    }

    /** Reads segments of an artifact to their end; returns how many bytes they hold. */
    private long read(
            Manifest.Artifact artifact, Iterator<SegmentLine> lines, Segments source, @Nullable SegmentSecret secret)
            throws UnreadableBackup {
        long total = 0;
        byte[] discarded = new byte[DISCARD_BYTES];
        try (InputStream in = new SegmentReader(lines, source, artifact.sizes(), secret, READ_AT_ONCE, helpers)) {
            for (int read = in.read(discarded); read >= 0; read = in.read(discarded)) {
                total += read;
            }
        } catch (CorruptSegmentException e) {
            throw new UnreadableBackup(
                    FailureCode.CORRUPT,
                    artifact.name() + ": " + e.getMessage(),
                    e.segment().orElse(null),
                    e);
        } catch (Missing e) {
            throw missing(e);
        } catch (Unopened e) {
            throw e.why;
        } catch (IOException e) {
            throw unread(artifact.name(), e);
        }
        return total;
    }

    private static UnreadableBackup damaged(SegmentLine line, CorruptSegmentException e) {
        return new UnreadableBackup(FailureCode.CORRUPT, line.name().path() + ": " + e.getMessage(), line.name(), e);
    }

    /** An object that is not there is damage; every other trouble with the store says nothing about the backup. */
    private static UnreadableBackup missing(Missing e) {
        return new UnreadableBackup(FailureCode.CORRUPT, e.name.path() + " is not in the store", e.name, e);
    }

    private static StoreException unread(String name, IOException e) {
        return new StoreException(StoreException.Kind.PASSING, name + " could not be read to its end", e);
    }

    /** Reads an object, or as much of it as there is room for. */
    private int read(Manifest manifest, SegmentLine line, byte[] target) throws IOException {
        try (InputStream in = store.read(StoreLayout.segment(manifest.instanceId(), line.name()), 0, Long.MAX_VALUE)) {
            return in.readNBytes(target, 0, target.length);
        } catch (StoreException e) {
            if (e.kind() == StoreException.Kind.NOT_FOUND) {
                throw new Missing(line.name(), e);
            }
            throw e;
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** A segment is not in the store. */
    private static final class Missing extends IOException {
        private final transient SegmentName name;

        Missing(SegmentName name, Throwable cause) {
            super(name.path(), cause);
            this.name = name;
        }
    }

    /** A segment's key cannot be opened. */
    private static final class Unopened extends IOException {
        private final UnreadableBackup why;

        Unopened(UnreadableBackup why) {
            super(why);
            this.why = why;
        }
    }

    /** Segments as {@link SegmentReader} wants them. */
    private final class Segments implements SegmentSource {
        private final Manifest manifest;
        private final X25519Identity identity;

        Segments(Manifest manifest, X25519Identity identity) {
            this.manifest = manifest;
            this.identity = identity;
        }

        @Override
        public FileKey key(SegmentLine line) throws IOException {
            try {
                return StoredBackups.key(identity, manifest, line);
            } catch (UnreadableBackup e) {
                throw new Unopened(e);
            }
        }

        @Override
        public int read(SegmentLine line, byte[] target) throws IOException {
            return StoredBackups.this.read(manifest, line, target);
        }
    }
}
