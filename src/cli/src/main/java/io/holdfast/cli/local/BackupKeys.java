package io.holdfast.cli.local;

import io.holdfast.format.age.Age;
import io.holdfast.format.age.AgeException;
import io.holdfast.format.age.FileKey;
import io.holdfast.format.age.Identity;
import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.instance.InstanceRecord;
import io.holdfast.format.instance.SignedInstanceRecord;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentSecret;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What opens the segments of one backup. */
final class BackupKeys {
    /** The second costs the more to open. */
    private static final List<String> KEY_FILES = List.of("key.age", "key.passphrase.age");

    private final List<Identity> identities;
    /** The identity of the backup's key version. */
    private final @Nullable X25519Identity own;

    private final @Nullable SegmentSecret secret;

    private BackupKeys(List<Identity> identities, @Nullable X25519Identity own, @Nullable SegmentSecret secret) {
        this.identities = identities;
        this.own = own;
        this.secret = secret;
    }

    /**
     * With the master identity, the recovery identity or the passphrase, the instance's own key is taken from its folder.
     *
     * @param trusted whom the instance's record may be signed by; without any of them its segment secret is not believed
     */
    static BackupKeys of(
            BackupFolder backup, Manifest manifest, List<PublicKey> trusted, List<? extends Identity> given) {
        List<Identity> identities = new ArrayList<>(given);
        for (String name : KEY_FILES) {
            Path key = backup.root().resolve("keys/" + manifest.keyVersion()).resolve(name);
            List<X25519Identity> opened =
                    Files.isRegularFile(key, LinkOption.NOFOLLOW_LINKS) ? Identities.openOne(key, given) : List.of();
            if (!opened.isEmpty()) {
                identities.addAll(opened);
                break;
            }
        }
        X25519Identity own = null;
        for (Identity each : identities) {
            if (each instanceof X25519Identity identity
                    && identity.recipient()
                            .toString()
                            .equals(manifest.recipients().getFirst())) {
                own = identity;
            }
        }
        return new BackupKeys(List.copyOf(identities), own, secret(backup, manifest, trusted, identities));
    }

    private static @Nullable SegmentSecret secret(
            BackupFolder backup, Manifest manifest, List<PublicKey> trusted, List<Identity> identities) {
        try (InputStream in = Files.newInputStream(backup.root().resolve("instance.json"))) {
            InstanceRecord record = SignedInstanceRecord.read(
                    in.readNBytes(SignedInstanceRecord.LARGEST + 1), manifest.instanceId(), trusted);
            for (InstanceRecord.Key key : record.keys()) {
                String sealed = key.segmentSecret();
                if (key.version() == manifest.keyVersion()
                        && key.recipient().equals(manifest.recipients().getFirst())
                        && sealed != null) {
                    return opened(Base64.getDecoder().decode(sealed), identities);
                }
            }
            return null;
        } catch (IOException | IllegalArgumentException e) {
            // Missing, not authentic, or for somebody else: the report says that fingerprints were not checked.
            return null;
        }
    }

    private static SegmentSecret opened(byte[] sealed, List<Identity> identities) throws IOException {
        try (InputStream plain = Age.decrypt(new ByteArrayInputStream(sealed), identities)) {
            return SegmentSecret.of(plain.readNBytes(SegmentSecret.BYTES + 1));
        }
    }

    /** By which fingerprints can be checked; null when the record is not authentic or none of the identities opens it. */
    @Nullable SegmentSecret secret() {
        return secret;
    }

    /**
     * What opens a segment: as its line says, which is what a manager uses, or as the object's own header says.
     *
     * @throws AgeException when none of the identities does
     */
    FileKey open(SegmentLine line, InputStream object) throws IOException {
        return own == null ? Age.fileKey(object, identities) : own.open(line.key());
    }
}
