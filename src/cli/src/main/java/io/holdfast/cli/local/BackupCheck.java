package io.holdfast.cli.local;

import io.holdfast.cli.local.Finding.Outcome;
import io.holdfast.format.age.AgeException;
import io.holdfast.format.age.FileKey;
import io.holdfast.format.age.Identity;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.manifest.SignedManifest;
import io.holdfast.format.segment.CorruptSegmentException;
import io.holdfast.format.segment.Fingerprints;
import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentOpener;
import io.holdfast.format.segment.SegmentSecret;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks one backup. Takes a few MiB of memory, however large it is. For one use. */
final class BackupCheck {
    private final BackupFolder backup;
    private final List<PublicKey> trusted;
    private final List<? extends Identity> identities;
    private final Problems problems = new Problems();
    private final SegmentOpener opener = new SegmentOpener(null);
    /** One more than there may be, so that a longer object is noticed. */
    private final byte[] object = new byte[SegmentLine.MOST_BYTES + 1];

    private byte[] plaintext = new byte[0];
    private @Nullable BackupKeys keys;
    private @Nullable Fingerprints fingerprints;
    private @Nullable Manifest believed;
    private Outcome files = Outcome.PASSED;
    private Outcome content = Outcome.UNCHECKED;
    private Outcome recognized = Outcome.UNCHECKED;

    /** Plaintext of the artifact so far; negative when some of it could not be read. */
    private long plaintextBytes;

    BackupCheck(Path folder, List<PublicKey> trusted, List<? extends Identity> identities) {
        this.backup = BackupFolder.of(folder);
        this.trusted = trusted;
        this.identities = identities;
    }

    Finding run() {
        SignedManifest signed;
        try {
            signed = backup.readManifest();
        } catch (IOException e) {
            problems.add(BackupFolder.MANIFEST + ": " + e.getMessage());
            files = Outcome.UNCHECKED;
            return finding(null, Outcome.FAILED);
        }
        Manifest manifest = signed.manifest();
        Outcome signature = signature(signed);
        List<String> misplaced = backup.misplaced(manifest);
        misplaced.forEach(problems::add);
        if (signature != Outcome.FAILED && misplaced.isEmpty()) {
            believed = manifest;
        }
        try {
            // First all of the list, so that no line of a false one is followed.
            BackupLines.check(backup, manifest);
            segments(manifest);
        } catch (NoSuchFileException e) {
            files = Outcome.FAILED;
            problems.add(BackupFolder.LIST + ": is missing");
        } catch (IOException e) {
            files = Outcome.FAILED;
            problems.add(BackupFolder.LIST + ": " + e.getMessage());
        }
        return finding(manifest, signature);
    }

    /** The manifest, when nothing is wrong with it. */
    @Nullable Manifest believed() {
        return believed;
    }

    /** What its paths are below. */
    Path root() {
        return backup.root();
    }

    private Finding finding(@Nullable Manifest manifest, Outcome signature) {
        return new Finding(
                backup.folder(),
                manifest == null ? null : manifest.instanceId(),
                manifest == null ? null : manifest.backupId(),
                manifest == null ? 0 : manifest.sequence(),
                manifest == null ? 0 : manifest.segments().list().lines(),
                manifest == null ? 0 : manifest.storedBytes(),
                signature,
                files,
                content,
                recognized,
                problems.all());
    }

    private Outcome signature(SignedManifest signed) {
        if (trusted.isEmpty()) {
            return Outcome.UNCHECKED;
        }
        try {
            signed.requireSignedBy(trusted);
            return Outcome.PASSED;
        } catch (IOException e) {
            problems.add(BackupFolder.MANIFEST + ": " + e.getMessage());
            return Outcome.FAILED;
        }
    }

    private void segments(Manifest manifest) throws IOException {
        if (!identities.isEmpty()) {
            BackupKeys found = BackupKeys.of(backup, manifest, trusted, identities);
            keys = found;
            content = Outcome.PASSED;
            SegmentSecret secret = found.secret();
            if (secret != null) {
                fingerprints = new Fingerprints(secret);
                recognized = Outcome.PASSED;
            }
        }
        try (BackupLines lines = new BackupLines(backup, manifest)) {
            for (SegmentLine line = lines.next(); line != null; line = lines.next()) {
                int most = lines.artifact().sizes().most();
                if (plaintext.length != most) {
                    plaintext = new byte[most];
                }
                segment(line);
                if (lines.wasLast()) {
                    whole(lines.artifact());
                }
            }
        }
    }

    private void segment(SegmentLine line) {
        String path = line.name().path();
        int length = read(line);
        if (length < 0) {
            files = Outcome.FAILED;
            failed();
            return;
        }
        if (keys == null) {
            return;
        }
        try {
            FileKey key = keys.open(line, new ByteArrayInputStream(object, 0, length));
            int bytes = opener.open(object, length, line, key, plaintext);
            plaintextBytes += plaintextBytes < 0 ? 0 : bytes;
            if (fingerprints != null && !fingerprints.of(plaintext, bytes).equals(line.fingerprint())) {
                problems.add(path + ": it holds something else: its fingerprint is not the one in the list");
                recognized = Outcome.FAILED;
            }
        } catch (AgeException e) {
            if (AgeFailures.isAboutKey(e)) {
                content = content == Outcome.FAILED ? Outcome.FAILED : Outcome.NO_KEY;
                plaintextBytes = -1;
            } else {
                problems.add(path + ": " + e.getMessage());
                failed();
            }
        } catch (IOException e) {
            problems.add(path + ": " + e.getMessage());
            failed();
        }
    }

    /** Reads an object; -1 when it is not the one of its line. */
    private int read(SegmentLine line) {
        String path = line.name().path();
        Path file = backup.object(line.name());
        try (InputStream in = Files.newInputStream(file)) {
            int length = in.readNBytes(object, 0, line.bytes() + 1);
            if (length != line.bytes()) {
                problems.add(path + ": has " + Files.size(file) + " bytes instead of " + line.bytes());
                return -1;
            }
            SegmentOpener.requireSealed(object, length, line);
            return length;
        } catch (NoSuchFileException e) {
            problems.add(path + ": is missing");
        } catch (CorruptSegmentException e) {
            problems.add(path + ": its SHA-256 differs: it was changed");
        } catch (IOException e) {
            problems.add(path + ": cannot be read: " + e.getMessage());
        }
        return -1;
    }

    private void failed() {
        plaintextBytes = -1;
        if (content != Outcome.UNCHECKED) {
            content = Outcome.FAILED;
        }
    }

    private void whole(Manifest.Artifact artifact) {
        if (keys != null && plaintextBytes >= 0 && plaintextBytes != artifact.plaintextBytes()) {
            problems.add(
                    artifact.name() + ": holds " + plaintextBytes + " bytes instead of " + artifact.plaintextBytes());
            content = Outcome.FAILED;
        }
        plaintextBytes = 0;
    }
}
