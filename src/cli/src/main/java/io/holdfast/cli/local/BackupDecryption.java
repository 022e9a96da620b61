package io.holdfast.cli.local;

import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.outcome.Failure;
import io.holdfast.format.age.AgeException;
import io.holdfast.format.age.FileKey;
import io.holdfast.format.age.Identity;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.manifest.SignedManifest;
import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentOpener;
import io.holdfast.format.segment.SegmentReader;
import io.holdfast.format.segment.SegmentSource;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Decrypts an artifact of a backup that is in a folder, by its manifest and its list.
 *
 * <p>Every byte that is written has passed all checks of its segment. When a later segment turns out to be broken, what was
 * written is true but not the whole: the failure says so.
 */
public final class BackupDecryption {
    private static final int WINDOW = 4;
    private static final int COPY_BYTES = 128 * 1024;

    private final BackupFolder backup;
    private final List<PublicKey> trusted;
    private final List<? extends Identity> identities;

    /**
     * Makes it.
     *
     * @param folder of the backup, in its instance's folder
     * @param trusted keys that its manifest may be signed with; none leaves the signature unchecked
     */
    public BackupDecryption(Path folder, List<PublicKey> trusted, List<? extends Identity> identities) {
        this.backup = BackupFolder.of(folder);
        this.trusted = List.copyOf(trusted);
        this.identities = List.copyOf(identities);
    }

    /**
     * Writes an artifact.
     *
     * @param name which one; may be null when there is only one
     */
    public void run(@Nullable String name, OutputStream out) {
        Manifest manifest = manifest();
        Manifest.Artifact artifact = artifact(manifest, name);
        try {
            BackupLines.check(backup, manifest);
        } catch (NoSuchFileException e) {
            throw LocalFiles.unreadable(backup.list(), e);
        } catch (IOException e) {
            throw new Failure(ExitCode.FAILED, "BadList", backup.list() + ": " + e.getMessage(), null, e);
        }
        try {
            copy(manifest, artifact, out);
        } catch (AgeException e) {
            throw Decryption.incomplete(AgeFailures.failure(artifact.name(), e));
        } catch (IOException e) {
            throw Decryption.incomplete(new Failure(
                    ExitCode.FAILED,
                    "BadSegment",
                    artifact.name() + ": " + e.getMessage(),
                    "holdfast verify --directory names all that is damaged",
                    e));
        }
    }

    private Manifest manifest() {
        Path file = backup.folder().resolve(BackupFolder.MANIFEST);
        try {
            SignedManifest signed = backup.readManifest();
            if (!trusted.isEmpty()) {
                signed.requireSignedBy(trusted);
            }
            for (String problem : backup.misplaced(signed.manifest())) {
                throw new IOException(problem);
            }
            return signed.manifest();
        } catch (NoSuchFileException e) {
            throw LocalFiles.unreadable(file, e);
        } catch (IOException e) {
            throw new Failure(ExitCode.FAILED, "BadManifest", file + ": " + e.getMessage(), null, e);
        }
    }

    private static Manifest.Artifact artifact(Manifest manifest, @Nullable String name) {
        List<Manifest.Artifact> artifacts = manifest.artifacts();
        if (name == null && artifacts.size() == 1) {
            return artifacts.getFirst();
        }
        return artifacts.stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new Failure(
                        ExitCode.USAGE,
                        "WhichArtifact",
                        name == null ? "the backup has several artifacts" : "the backup has no artifact " + name,
                        "give one of them with --artifact: "
                                + artifacts.stream()
                                        .map(Manifest.Artifact::name)
                                        .collect(Collectors.joining(", "))));
    }

    private void copy(Manifest manifest, Manifest.Artifact artifact, OutputStream out) throws IOException {
        BackupKeys keys = BackupKeys.of(backup, manifest, trusted, identities);
        try (BackupLines lines = new BackupLines(backup, manifest);
                SegmentReader content = new SegmentReader(
                        new Lines(lines, artifact), new Objects(keys), artifact.sizes(), keys.secret(), WINDOW)) {
            byte[] buffer = new byte[COPY_BYTES];
            long bytes = 0;
            for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
                Decryption.write(artifact.name(), out, buffer, count);
                bytes += count;
            }
            if (bytes != artifact.plaintextBytes()) {
                throw new IOException("it holds " + bytes + " bytes instead of " + artifact.plaintextBytes());
            }
            // To the end, where the list is known to be the one that was checked before.
            SegmentLine line = lines.next();
            while (line != null) {
                line = lines.next();
            }
        } catch (UncheckedIOException e) {
            throw java.util.Objects.requireNonNull(e.getCause());
        }
    }

    /** The lines of one artifact. */
    private static final class Lines implements Iterator<SegmentLine> {
        private final BackupLines lines;
        private final Manifest.Artifact artifact;
        private long left;

        Lines(BackupLines lines, Manifest.Artifact artifact) {
            this.lines = lines;
            this.artifact = artifact;
            this.left = artifact.segments();
        }

        @Override
        public boolean hasNext() {
            return left > 0;
        }

        @Override
        public SegmentLine next() {
            if (left == 0) {
                throw new NoSuchElementException();
            }
            try {
                SegmentLine line = lines.next();
                while (line != null && !line.artifact().equals(artifact.name())) {
                    line = lines.next();
                }
                if (line == null) {
                    throw new IOException("the list was changed meanwhile");
                }
                left--;
                return line;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private final class Objects implements SegmentSource {
        private final BackupKeys keys;

        Objects(BackupKeys keys) {
            this.keys = keys;
        }

        @Override
        public FileKey key(SegmentLine line) throws IOException {
            try (InputStream in = new BufferedInputStream(Files.newInputStream(backup.object(line.name())))) {
                return keys.open(line, in);
            }
        }

        @Override
        public int read(SegmentLine line, byte[] target) throws IOException {
            String path = line.name().path();
            int length;
            try (InputStream in = Files.newInputStream(backup.object(line.name()))) {
                length = in.readNBytes(target, 0, line.bytes() + 1);
            } catch (NoSuchFileException e) {
                throw new IOException(path + " is missing", e);
            }
            try {
                // Before anything is done with its header.
                SegmentOpener.requireSealed(target, length, line);
            } catch (IOException e) {
                throw new IOException(path + ": " + e.getMessage(), e);
            }
            return length;
        }
    }
}
