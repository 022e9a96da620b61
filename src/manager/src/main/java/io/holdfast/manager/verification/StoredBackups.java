package io.holdfast.manager.verification;

import io.holdfast.format.age.Age;
import io.holdfast.format.age.AgeException;
import io.holdfast.format.age.FileKey;
import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.artifact.ArtifactReader;
import io.holdfast.format.artifact.CorruptArtifactException;
import io.holdfast.format.artifact.SegmentSource;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.manifest.SignedManifest;
import io.holdfast.format.signed.SignedFileException;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.backup.VerificationLevel;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.keys.KeyMismatchException;
import io.holdfast.manager.keys.KeyRing;
import io.holdfast.manager.keys.SigningKey;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.Store.StoredObject;
import io.holdfast.manager.store.StoreException;
import io.holdfast.protocol.FailureCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Reads backups as they are stored, and believes nothing of them that is not proven: the manifest's signature,
 * its instance and name, that it is the one that the catalogue knows, and each segment's key and hash.
 *
 * <p>May be used by any thread. A {@link StoreException} from any method says nothing about the backup.
 */
public final class StoredBackups {
    private static final int MOST_HEADER_BYTES = 64 * 1024;
    private static final int DISCARD_BYTES = 64 * 1024;

    private final Backups backups;
    private final Store store;
    private final KeyRing keys;
    private final SigningKey signing;

    public StoredBackups(Backups backups, Store store, KeyRing keys, SigningKey signing) {
        this.backups = backups;
        this.store = store;
        this.keys = keys;
        this.signing = signing;
    }

    /** The file key of one segment. */
    public record SegmentKey(String artifact, int segment, FileKey key) {}

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
     * The file keys of all segments.
     *
     * @throws UnreadableBackup when the identity does not open one
     */
    public List<SegmentKey> keys(X25519Identity identity, Manifest manifest) throws UnreadableBackup {
        List<SegmentKey> found = new ArrayList<>();
        for (Manifest.Artifact artifact : manifest.artifacts()) {
            for (int segment = 0; segment < artifact.segments().size(); segment++) {
                long bytes = artifact.segments().get(segment).bytes();
                found.add(new SegmentKey(
                        artifact.name(), segment, key(manifest, artifact.name(), segment, bytes, identity)));
            }
        }
        return found;
    }

    private FileKey key(Manifest manifest, String artifact, int segment, long bytes, X25519Identity identity)
            throws UnreadableBackup {
        String object = StoreLayout.segment(manifest.instanceId(), manifest.backupId(), artifact, segment);
        requireSize(object, bytes, name(artifact, segment));
        try (InputStream in = store.read(object, 0, Math.min(bytes, MOST_HEADER_BYTES))) {
            byte[] header = in.readAllBytes();
            return Age.fileKey(new ByteArrayInputStream(header), List.of(identity));
        } catch (AgeException e) {
            // The manifest is authentic: when it says that this key opens the segment, the segment is what is wrong.
            boolean shouldOpen =
                    manifest.recipients().contains(identity.recipient().toString());
            FailureCode code = switch (e.kind()) {
                case NO_MATCHING_KEY, WRONG_PASSPHRASE, BAD_KEY ->
                    shouldOpen ? FailureCode.CORRUPT : FailureCode.KEY_MISMATCH;
                default -> FailureCode.CORRUPT;
            };
            throw new UnreadableBackup(code, name(artifact, segment) + " cannot be opened: " + e.getMessage(), e);
        } catch (StoreException e) {
            throw missing(e, artifact, segment);
        } catch (IOException e) {
            throw new StoreException(StoreException.Kind.PASSING, name(artifact, segment) + " could not be read", e);
        }
    }

    /** Looked at before reading: a read that ends too early cannot be told from a connection that broke. */
    private void requireSize(String object, long bytes, String name) throws UnreadableBackup {
        Optional<StoredObject> stored = store.head(object);
        if (stored.isEmpty()) {
            throw new UnreadableBackup(FailureCode.CORRUPT, name + " is not in the store", null);
        }
        if (stored.get().size() != bytes) {
            throw new UnreadableBackup(
                    FailureCode.CORRUPT,
                    name + " has " + stored.get().size() + " bytes in the store instead of " + bytes,
                    null);
        }
    }

    /**
     * Reads everything to its end: hashes and, where the manager has the key, decrypts, decompresses and counts.
     *
     * @return what is proven then
     * @throws UnreadableBackup at the first thing that is not as it was made
     */
    public VerificationLevel readThrough(Instance instance, Backup backup) throws UnreadableBackup {
        Manifest manifest = manifest(instance, backup);
        if (keys.isUsersOnly(instance, manifest.keyVersion())) {
            readCiphertext(manifest);
            return VerificationLevel.CIPHERTEXT;
        }
        List<SegmentKey> segmentKeys = keys(identity(instance, manifest), manifest);
        for (Manifest.Artifact artifact : manifest.artifacts()) {
            List<Stored> segments = segmentKeys.stream()
                    .filter(each -> each.artifact().equals(artifact.name()))
                    .map(each -> new Stored(manifest, each, artifact.segments().get(each.segment())))
                    .toList();
            readThrough(artifact, segments);
        }
        return VerificationLevel.DECRYPTED;
    }

    private void readCiphertext(Manifest manifest) throws UnreadableBackup {
        for (Manifest.Artifact artifact : manifest.artifacts()) {
            for (int segment = 0; segment < artifact.segments().size(); segment++) {
                Manifest.Segment expected = artifact.segments().get(segment);
                String object =
                        StoreLayout.segment(manifest.instanceId(), manifest.backupId(), artifact.name(), segment);
                String name = name(artifact.name(), segment);
                requireSize(object, expected.bytes(), name);
                if (!sha256(object, artifact.name(), segment).equals(expected.sha256())) {
                    throw new UnreadableBackup(FailureCode.CORRUPT, name + " has another SHA-256 than was made", null);
                }
            }
        }
    }

    private String sha256(String object, String artifact, int segment) throws UnreadableBackup {
        try (InputStream in = store.read(object, 0, Long.MAX_VALUE)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] piece = new byte[DISCARD_BYTES];
            for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
                digest.update(piece, 0, read);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (StoreException e) {
            throw missing(e, artifact, segment);
        } catch (IOException e) {
            throw new StoreException(StoreException.Kind.PASSING, name(artifact, segment) + " could not be read", e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static void readThrough(Manifest.Artifact artifact, List<Stored> segments) throws UnreadableBackup {
        long total = 0;
        byte[] discarded = new byte[DISCARD_BYTES];
        try (InputStream in = ArtifactReader.open(segments)) {
            for (int read = in.read(discarded); read >= 0; read = in.read(discarded)) {
                total += read;
            }
        } catch (CorruptArtifactException | AgeException e) {
            throw new UnreadableBackup(FailureCode.CORRUPT, artifact.name() + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new StoreException(StoreException.Kind.PASSING, artifact.name() + " could not be read to its end", e);
        } catch (StoreException e) {
            throw missing(e, artifact.name(), 0);
        }
        if (total != artifact.plaintextBytes()) {
            throw new UnreadableBackup(
                    FailureCode.CORRUPT,
                    artifact.name() + " has " + total + " bytes instead of " + artifact.plaintextBytes(),
                    null);
        }
    }

    /** An object that is not there is damage; every other trouble with the store says nothing about the backup. */
    private static UnreadableBackup missing(StoreException e, String artifact, int segment) {
        if (e.kind() == StoreException.Kind.NOT_FOUND) {
            return new UnreadableBackup(FailureCode.CORRUPT, name(artifact, segment) + " is not in the store", e);
        }
        throw e;
    }

    private static String name(String artifact, int segment) {
        return Manifest.objectName(artifact, segment);
    }

    /** A segment as {@link ArtifactReader} wants it. */
    private final class Stored implements SegmentSource {
        private final Manifest manifest;
        private final SegmentKey segmentKey;
        private final Manifest.Segment expected;

        Stored(Manifest manifest, SegmentKey segmentKey, Manifest.Segment expected) {
            this.manifest = manifest;
            this.segmentKey = segmentKey;
            this.expected = expected;
        }

        @Override
        public InputStream open() throws IOException {
            try {
                return store.read(
                        StoreLayout.segment(
                                manifest.instanceId(),
                                manifest.backupId(),
                                segmentKey.artifact(),
                                segmentKey.segment()),
                        0,
                        Long.MAX_VALUE);
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
        }

        @Override
        public FileKey key() {
            return segmentKey.key();
        }

        @Override
        public long bytes() {
            return expected.bytes();
        }

        @Override
        public String sha256() {
            return expected.sha256();
        }
    }
}
