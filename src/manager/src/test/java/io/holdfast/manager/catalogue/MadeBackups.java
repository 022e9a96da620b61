package io.holdfast.manager.catalogue;

import io.holdfast.format.age.AgeException;
import io.holdfast.format.age.FileKey;
import io.holdfast.format.age.X25519Recipient;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.manifest.SignedManifest;
import io.holdfast.format.segment.Cutter;
import io.holdfast.format.segment.Fingerprints;
import io.holdfast.format.segment.SealedSegment;
import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentList;
import io.holdfast.format.segment.SegmentListWriter;
import io.holdfast.format.segment.SegmentName;
import io.holdfast.format.segment.SegmentOpener;
import io.holdfast.format.segment.SegmentSealer;
import io.holdfast.format.segment.SegmentSecret;
import io.holdfast.format.segment.SegmentSizes;
import io.holdfast.manager.TestKeys;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.backup.VerificationLevel;
import io.holdfast.manager.deletion.Deletions;
import io.holdfast.manager.deletion.Holds;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.keys.KeyMismatchException;
import io.holdfast.manager.keys.KeyVersion;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.sql.Database;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.verification.OpenedList;
import io.holdfast.manager.verification.StoredBackups;
import io.holdfast.manager.verification.UnreadableBackup;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Makes backups as a manager and its agent do it together, without the way between the two: for the instance's current key,
 * with real segments and a signed manifest, listed in the catalogue; and reads them as restores do.
 */
final class MadeBackups {
    private final SecureRandom random = new SecureRandom();
    private final Database database;
    private final Store store;
    private final TestKeys keys;

    MadeBackups(Database database, Store store, TestKeys keys) {
        this.database = database;
        this.store = store;
        this.keys = keys;
    }

    /** Makes one of an instance that is there. Returns its number. */
    long make(String instanceId) throws KeyMismatchException {
        Instance instance = new Instances(database).find(instanceId).orElseThrow();
        KeyVersion key = keys.ring.current(instance);
        String backupId = instanceId + "-" + UUID.randomUUID();
        List<String> recipients = keys.ring.recipients(key);
        Written written;
        try {
            written = write(instance, backupId, key, recipients);
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
        Instance now = new Instances(database).get(instance.id());
        Manifest manifest = new Manifest(
                Manifest.FORMAT,
                now.folder(),
                backupId,
                1,
                database.now(),
                database.now(),
                now.service(),
                null,
                new Manifest.Life(now.life(), now.storedRevision(), now.custody()),
                key.version(),
                recipients,
                List.of(written.artifact()),
                new Manifest.Segments(
                        Cutter.NAME,
                        written.list(),
                        List.of(new Manifest.Brought(
                                backupId,
                                1,
                                database.now(),
                                "0",
                                written.artifact().storedBytes()))),
                Map.of());
        byte[] file = SignedManifest.sign(manifest, TestKeys.SIGNING.pair());
        store.put(StoreLayout.manifest(now.folder(), backupId), file);
        long made =
                new ComparedBackupTable(database).adopt(now.id(), manifest, new String(file, StandardCharsets.UTF_8));
        new Holds(new Deletions(database)).release(new Backups(database).get(made));
        return made;
    }

    private record Written(Manifest.Artifact artifact, SegmentList list) {}

    private Written write(Instance instance, String backupId, KeyVersion key, List<String> recipients)
            throws IOException, InterruptedException, KeyMismatchException {
        List<X25519Recipient> parsed = new ArrayList<>();
        for (String each : recipients) {
            try {
                parsed.add(X25519Recipient.parse(each));
            } catch (AgeException e) {
                throw new IllegalStateException(e);
            }
        }
        byte[] plain = ("the data of " + instance.instanceId() + " in " + backupId).getBytes(StandardCharsets.UTF_8);
        SegmentSecret secret = keys.ring.requireSegmentSecret(instance, key);
        SegmentSizes sizes = new SegmentSizes(SegmentSizes.SMALLEST_MEAN);
        SealedSegment sealed = new SealedSegment(sizes);
        try (SegmentSealer sealer = new SegmentSealer(parsed, 1, random)) {
            sealer.seal(plain, plain.length, sealed);
        }
        SegmentName name = new SegmentName(backupId, 1, 0);
        store.put(StoreLayout.segment(instance.folder(), name), Arrays.copyOf(sealed.buffer(), sealed.bytes()));
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        SegmentListWriter writer =
                new SegmentListWriter(file, "app".length(), name.path().length());
        writer.write(new SegmentLine(
                "app",
                new Fingerprints(secret).of(plain, plain.length),
                sealed.bytes(),
                sealed.sha256(),
                sealed.key(),
                name));
        SegmentList list = writer.end();
        store.put(StoreLayout.list(instance.folder(), backupId), file.toByteArray());
        return new Written(
                new Manifest.Artifact("app", "stream", "app", plain.length, sealed.bytes(), sizes.mean(), 1), list);
    }

    /** All of an instance that could be restored, newest first. */
    List<Backup> good(String instanceId) {
        Instance instance = new Instances(database).find(instanceId).orElseThrow();
        return new Backups(database)
                .list(instance.id()).stream()
                        .filter(each -> each.state().isGood())
                        .toList();
    }

    private StoredBackups stored() {
        return new StoredBackups(new Backups(database), store, keys.ring, TestKeys.SIGNING, Runnable::run);
    }

    /**
     * Reads a backup as a verification does: to its end, with the identity that the manager opens.
     *
     * @throws UnreadableBackup when it cannot be restored
     */
    VerificationLevel read(Backup backup) throws UnreadableBackup {
        return stored().readThrough(new Instances(database).get(backup.instance()), backup);
    }

    /** Whether the manager has the identity for a backup. */
    boolean opens(Backup backup) {
        try {
            Instance instance = new Instances(database).get(backup.instance());
            stored().identity(instance, stored().manifest(instance, backup));
            return true;
        } catch (UnreadableBackup e) {
            return false;
        }
    }

    /**
     * What is in a backup, as a restore gets it; empty where only its user can open it.
     *
     * @throws UnreadableBackup when it cannot be restored
     */
    Optional<String> data(Backup backup) throws UnreadableBackup {
        Instance instance = new Instances(database).get(backup.instance());
        if (read(backup) == VerificationLevel.CIPHERTEXT) {
            return Optional.empty();
        }
        Manifest manifest = stored().manifest(instance, backup);
        try (OpenedList list = stored().list(manifest)) {
            SegmentLine line = OpenedList.parse(list.lines(0, 1).getFirst());
            FileKey key = StoredBackups.key(stored().identity(instance, manifest), manifest, line);
            byte[] object = store.get(StoreLayout.segment(instance.folder(), line.name()))
                    .orElseThrow();
            byte[] plain = new byte[SegmentSizes.LARGEST_SEGMENT];
            int length = new SegmentOpener(stored().segmentSecret(instance, manifest))
                    .open(object, object.length, line, key, plain);
            return Optional.of(new String(plain, 0, length, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
