package io.holdfast.cli.local;

import io.holdfast.cli.local.Finding.Outcome;
import io.holdfast.format.age.Age;
import io.holdfast.format.age.AgeException;
import io.holdfast.format.age.FileKey;
import io.holdfast.format.age.Identity;
import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.artifact.ArtifactReader;
import io.holdfast.format.artifact.SegmentSource;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.manifest.SignedManifest;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Checks the folder of one backup. For one use. */
final class BackupCheck {
    private static final String MANIFEST = "manifest.json";

    private final Path folder;
    private final List<PublicKey> trusted;
    /** The second costs the more to open. */
    private static final List<String> KEY_FILES = List.of("key.age", "key.passphrase.age");

    private final List<Identity> identities;
    private final List<String> problems = new ArrayList<>();

    BackupCheck(Path folder, List<PublicKey> trusted, List<? extends Identity> identities) {
        this.folder = folder;
        this.trusted = trusted;
        this.identities = new ArrayList<>(identities);
    }

    Finding run() {
        SignedManifest signed;
        try {
            signed = readManifest();
        } catch (IOException e) {
            problems.add(MANIFEST + ": " + e.getMessage());
            return new Finding(
                    folder, null, null, 0, 0, 0, Outcome.FAILED, Outcome.UNCHECKED, Outcome.UNCHECKED, problems);
        }
        Manifest manifest = signed.manifest();
        Outcome signature = signature(signed);
        place(manifest);
        strangers(manifest);
        Outcome content = Outcome.UNCHECKED;
        if (!identities.isEmpty()) {
            addInstanceKey(manifest);
            content = contents(manifest);
        }
        // Reading the content checked the files on the way, unless it was interrupted.
        Outcome files = content == Outcome.PASSED ? Outcome.PASSED : files(manifest);
        List<Manifest.Segment> segments = manifest.artifacts().stream()
                .flatMap(artifact -> artifact.segments().stream())
                .toList();
        return new Finding(
                folder,
                manifest.instanceId(),
                manifest.backupId(),
                manifest.sequence(),
                segments.size(),
                segments.stream().mapToLong(Manifest.Segment::bytes).sum(),
                signature,
                files,
                content,
                List.copyOf(problems));
    }

    private SignedManifest readManifest() throws IOException {
        try (InputStream in = Files.newInputStream(folder.resolve(MANIFEST))) {
            return SignedManifest.parse(in.readNBytes(SignedManifest.LARGEST + 1));
        }
    }

    private Outcome signature(SignedManifest signed) {
        if (trusted.isEmpty()) {
            return Outcome.UNCHECKED;
        }
        try {
            signed.requireSignedBy(trusted);
            return Outcome.PASSED;
        } catch (IOException e) {
            problems.add(MANIFEST + ": " + e.getMessage());
            return Outcome.FAILED;
        }
    }

    /** In a store, the names of the folders must be those that were signed: nothing was moved under another name. */
    private void place(Manifest manifest) {
        Path absolute = folder.toAbsolutePath().normalize();
        Path backups = absolute.getParent();
        Path instance = backups == null ? null : backups.getParent();
        if (backups == null || instance == null || !backups.endsWith("backups")) {
            return;
        }
        if (!absolute.endsWith(manifest.backupId())) {
            problems.add("the manifest is that of another backup: " + manifest.backupId());
        }
        if (!instance.endsWith(manifest.instanceId())) {
            problems.add("the manifest is that of another instance: " + manifest.instanceId());
        }
    }

    /** Files that the manifest does not know have no business in a backup's folder. */
    private void strangers(Manifest manifest) {
        Set<String> known = new HashSet<>(Set.of(MANIFEST));
        for (Manifest.Artifact artifact : manifest.artifacts()) {
            for (int segment = 0; segment < artifact.segments().size(); segment++) {
                known.add(Manifest.objectName(artifact.name(), segment));
            }
        }
        try (Stream<Path> files = Files.list(folder)) {
            files.filter(file -> file.toString().endsWith(".zst.age"))
                    .map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> !known.contains(name))
                    .sorted()
                    .forEach(name -> problems.add(name + ": the manifest does not know this file"));
        } catch (IOException e) {
            problems.add("the folder cannot be listed: " + e.getMessage());
        }
    }

    /** With the master identity, the recovery identity or the passphrase, the instance's own key is taken from the store. */
    private void addInstanceKey(Manifest manifest) {
        Path keys = folder.toAbsolutePath()
                .normalize()
                .resolve("../../keys/" + manifest.keyVersion())
                .normalize();
        for (String name : KEY_FILES) {
            Path key = keys.resolve(name);
            List<X25519Identity> opened = Files.isRegularFile(key, LinkOption.NOFOLLOW_LINKS)
                    ? Identities.openOne(key, identities)
                    : List.of();
            if (!opened.isEmpty()) {
                identities.addAll(opened);
                return;
            }
        }
    }

    private Outcome contents(Manifest manifest) {
        int before = problems.size();
        boolean opened = true;
        for (Manifest.Artifact artifact : manifest.artifacts()) {
            try {
                long bytes = plaintextBytes(artifact);
                if (bytes != artifact.plaintextBytes()) {
                    problems.add(
                            artifact.name() + ": holds " + bytes + " bytes instead of " + artifact.plaintextBytes());
                }
            } catch (NoSuchFileException e) {
                problems.add(artifact.name() + ": a segment is missing");
            } catch (AgeException e) {
                if (AgeFailures.isAboutKey(e)) {
                    opened = false;
                } else {
                    problems.add(artifact.name() + ": " + e.getMessage());
                }
            } catch (IOException e) {
                problems.add(artifact.name() + ": " + e.getMessage());
            }
        }
        if (problems.size() > before) {
            return Outcome.FAILED;
        }
        return opened ? Outcome.PASSED : Outcome.NO_KEY;
    }

    private long plaintextBytes(Manifest.Artifact artifact) throws IOException {
        List<FileSegment> sources = new ArrayList<>();
        for (int number = 0; number < artifact.segments().size(); number++) {
            Path file = folder.resolve(Manifest.objectName(artifact.name(), number));
            try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
                Manifest.Segment segment = artifact.segments().get(number);
                sources.add(new FileSegment(file, Age.fileKey(in, identities), segment.bytes(), segment.sha256()));
            }
        }
        try (InputStream plaintext = ArtifactReader.open(sources)) {
            return plaintext.transferTo(OutputStream.nullOutputStream());
        }
    }

    private Outcome files(Manifest manifest) {
        Outcome outcome = Outcome.PASSED;
        for (Manifest.Artifact artifact : manifest.artifacts()) {
            for (int number = 0; number < artifact.segments().size(); number++) {
                String name = Manifest.objectName(artifact.name(), number);
                String problem =
                        fileProblem(folder.resolve(name), artifact.segments().get(number));
                if (problem != null) {
                    problems.add(name + ": " + problem);
                    outcome = Outcome.FAILED;
                }
            }
        }
        return outcome;
    }

    private static @Nullable String fileProblem(Path file, Manifest.Segment expected) {
        try {
            long bytes = Files.size(file);
            if (bytes != expected.bytes()) {
                return "has " + bytes + " bytes instead of " + expected.bytes();
            }
            return sha256(file).equals(expected.sha256()) ? null : "its SHA-256 differs: it was changed";
        } catch (NoSuchFileException e) {
            return "is missing";
        } catch (IOException e) {
            return "cannot be read: " + e.getMessage();
        }
    }

    private static String sha256(Path file) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            Files.copy(file, new DigestOutputStream(OutputStream.nullOutputStream(), digest));
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private record FileSegment(Path file, FileKey key, long bytes, String sha256) implements SegmentSource {
        @Override
        public InputStream open() throws IOException {
            return Files.newInputStream(file);
        }
    }
}
