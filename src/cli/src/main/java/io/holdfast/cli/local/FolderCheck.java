package io.holdfast.cli.local;

import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.outcome.Failure;
import io.holdfast.format.age.Identity;
import io.holdfast.protocol.tls.PemFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Checks every backup in a folder: the folder of one backup, or anything above it up to a whole store. */
public final class FolderCheck {
    private static final String MANIFEST = "manifest.json";
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
     * @param unfinished folders with segments but without a manifest: no backups, but garbage of failed ones, or ones
     *     that are being made or deleted
     */
    public record Result(List<Finding> findings, List<Path> unfinished) {
        /** Whether every backup is sound. */
        public boolean sound() {
            return findings.stream().allMatch(Finding::sound);
        }

        /** Whether the content of some backup could not be read for lack of the right key. */
        public boolean lacksKey() {
            return findings.stream().anyMatch(Finding::lacksKey);
        }
    }

    /** Checks all backups below a folder. Symbolic links below it are not followed. */
    public Result run(Path folder) {
        Set<Path> backups = new TreeSet<>();
        Set<Path> unfinished = new TreeSet<>();
        try (Stream<Path> files = Files.walk(folder)) {
            files.filter(Files::isRegularFile).forEach(file -> {
                Path name = file.getFileName();
                Path parent = file.getParent();
                if (name == null || parent == null) {
                    return;
                }
                if (name.toString().equals(MANIFEST)) {
                    backups.add(parent);
                } else if (name.toString().endsWith(SEGMENT_END)) {
                    unfinished.add(parent);
                }
            });
        } catch (IOException e) {
            throw LocalFiles.unreadable(folder, e);
        } catch (UncheckedIOException e) {
            throw LocalFiles.unreadable(folder, Objects.requireNonNull(e.getCause()));
        }
        unfinished.removeAll(backups);
        List<Finding> findings = new ArrayList<>();
        for (Path backup : backups) {
            findings.add(new BackupCheck(backup, trusted, identities).run());
        }
        return new Result(findings, List.copyOf(unfinished));
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
