package io.holdfast.cli.local;

import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.outcome.Failure;
import io.holdfast.format.age.Identity;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.protocol.tls.PemFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Checks every backup in a folder: the folder of one backup, or anything above it up to a whole store. */
public final class FolderCheck {
    private static final String SEGMENT_END = ".zst.age";
    private static final String SIGNATURE_ALGORITHM = "EdDSA";

    private final List<PublicKey> trusted;
    private final List<? extends Identity> identities;

    /**
     * @param trusted keys that manifests may be signed with; none leaves signatures unchecked
     * @param identities keys to decrypt with; none leaves contents unchecked
     */
    public FolderCheck(List<PublicKey> trusted, List<? extends Identity> identities) {
        this.trusted = List.copyOf(trusted);
        this.identities = List.copyOf(identities);
    }

    /**
     * What was found.
     *
     * @param findings one for each folder with a manifest, in the order of their paths
     * @param notes what is there beside backups, in sentences: garbage of failed or deleted ones, or what belongs to one that
     *     is being made. No damage
     */
    public record Result(List<Finding> findings, List<String> notes) {
        /** Whether every backup is sound. */
        public boolean sound() {
            return findings.stream().allMatch(Finding::sound);
        }

        /** Whether the content of some backup could not be read for lack of the right key. */
        public boolean lacksKey() {
            return findings.stream().anyMatch(Finding::lacksKey);
        }
    }

    /** The folders that matter. */
    private record Found(Set<Path> backups, Set<Path> lists, Set<Path> segments) {}

    /** Checks all backups below a folder. Symbolic links below it are not followed. */
    public Result run(Path folder) {
        Found found = new Found(new TreeSet<>(), new TreeSet<>(), new TreeSet<>());
        try (Stream<Path> files = Files.walk(folder)) {
            files.filter(Files::isRegularFile).forEach(file -> sort(file, found));
        } catch (IOException e) {
            throw LocalFiles.unreadable(folder, e);
        } catch (UncheckedIOException e) {
            throw LocalFiles.unreadable(folder, Objects.requireNonNull(e.getCause()));
        }
        List<Finding> findings = new ArrayList<>();
        Map<Path, List<Manifest>> manifests = new HashMap<>();
        Set<Path> unclear = new HashSet<>();
        for (Path each : found.backups()) {
            BackupCheck check = new BackupCheck(each, trusted, identities);
            findings.add(check.run());
            Manifest manifest = check.believed();
            if (manifest == null) {
                unclear.add(check.root());
            } else {
                manifests.computeIfAbsent(check.root(), _ -> new ArrayList<>()).add(manifest);
            }
        }
        List<String> notes = new ArrayList<>();
        found.lists().stream()
                .filter(list -> !found.backups().contains(list))
                .forEach(list -> notes.add(list + ": has no manifest, so it is not a backup"));
        for (Path segments : found.segments()) {
            String note = unused(segments, manifests, unclear);
            if (note != null) {
                notes.add(segments + ": " + note);
            }
        }
        return new Result(findings, List.copyOf(notes));
    }

    private static void sort(Path file, Found found) {
        Path name = file.getFileName();
        Path parent = file.getParent();
        if (name == null || parent == null) {
            return;
        }
        if (name.toString().equals(BackupFolder.MANIFEST)) {
            found.backups().add(parent);
        } else if (name.toString().equals(BackupFolder.LIST)) {
            found.lists().add(parent);
        } else if (name.toString().endsWith(SEGMENT_END)) {
            found.segments().add(parent);
        }
    }

    /** What is in a folder of segments and of no use; null when there is nothing. */
    private static @Nullable String unused(Path segments, Map<Path, List<Manifest>> manifests, Set<Path> unclear) {
        Path parent = segments.toAbsolutePath().normalize().getParent();
        Path root = parent == null ? null : parent.getParent();
        if (root == null) {
            return null;
        }
        if (unclear.contains(root)) {
            return "not looked through for garbage, since a manifest beside it cannot be believed";
        }
        try {
            return new UnusedSegments(root, manifests.getOrDefault(root, List.of())).in(segments);
        } catch (IOException e) {
            throw LocalFiles.unreadable(segments, e);
        }
    }

    /** The keys in PEM files, which must be Ed25519 keys. */
    public static List<PublicKey> publicKeys(List<Path> files) {
        List<PublicKey> keys = new ArrayList<>();
        for (Path file : files) {
            try {
                for (PublicKey key : PemFiles.publicKeys(file)) {
                    if (!key.getAlgorithm().equals(SIGNATURE_ALGORITHM)) {
                        throw new Failure(
                                ExitCode.LOCAL_FILE,
                                "BadKey",
                                file + " holds a public key, but not an Ed25519 key",
                                "manifests are signed with the manager's signing key");
                    }
                    keys.add(key);
                }
            } catch (IOException e) {
                throw LocalFiles.unreadable(file, e);
            }
        }
        return keys;
    }
}
