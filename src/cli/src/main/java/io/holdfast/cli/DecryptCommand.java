package io.holdfast.cli;

import io.holdfast.cli.local.BackupDecryption;
import io.holdfast.cli.local.Decryption;
import io.holdfast.cli.local.FolderCheck;
import io.holdfast.cli.local.Identities;
import io.holdfast.cli.local.NativeLibraries;
import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.outcome.Failure;
import io.holdfast.cli.terminal.Surroundings;
import io.holdfast.format.age.Identity;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Decrypts an artifact of a backup, or files of one, without a manager. */
@Command(
        name = "decrypt",
        customSynopsis = {
            "holdfast decrypt --identity FILE... [--passphrase-file FILE] --backup DIR [--artifact NAME]"
                    + " [--public-key FILE]...",
            "holdfast decrypt --identity FILE... [--passphrase-file FILE] [--raw] INPUT..."
        },
        description = {
            "Decrypts and decompresses to standard output, without a manager. Only authenticated bytes are written.",
            "With --backup: an artifact of a backup, by its manifest and its list. All of it is checked: the manifest's"
                    + " signature (--public-key), list, size and SHA-256 of each segment, and its content.",
            "With INPUT: files as they are given, such as single segments."
        })
final class DecryptCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    private final IdentityOptions identity = new IdentityOptions();

    @Option(
            names = "--backup",
            paramLabel = "DIR",
            description = "A backup's folder, which has its manifest.json, in its instance's folder.")
    private @Nullable Path backup;

    @Option(
            names = "--artifact",
            paramLabel = "NAME",
            description = "Which artifact of the backup; not needed when it has only one.")
    private @Nullable String artifact;

    @Option(
            names = "--public-key",
            paramLabel = "FILE",
            description = "The public key that the manifest is signed with, in PEM form. May be repeated.")
    private List<Path> publicKeys = List.of();

    @Option(names = "--raw", description = "Do not decompress; also for files that are not compressed.")
    private boolean raw;

    @Parameters(
            paramLabel = "INPUT",
            arity = "0..*",
            description =
                    "Segments of one artifact, in the order of the backup's segments.list, which their names do not"
                            + " tell; \"-\" is standard input.")
    private List<String> inputs = List.of();

    DecryptCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() {
        Path folder = backup;
        if (folder == null ? inputs.isEmpty() || artifact != null || !publicKeys.isEmpty() : raw || !inputs.isEmpty()) {
            throw new Failure(
                    ExitCode.USAGE,
                    "Usage",
                    "give either --backup with its options, or INPUT",
                    "see: holdfast decrypt --help");
        }
        if (identity.files().isEmpty() && (folder == null || identity.passphraseFile() == null)) {
            throw new Failure(
                    ExitCode.USAGE,
                    "Usage",
                    "give the key with --identity, or with --backup the instance's passphrase with --passphrase-file",
                    "see: holdfast decrypt --help");
        }
        Decryption.requireOrder(inputs);
        if (!raw) {
            NativeLibraries.load();
        }
        List<PublicKey> trusted = FolderCheck.publicKeys(publicKeys);
        List<Identity> identities = new ArrayList<>(Identities.open(identity.files(), identity.passphraseFile()));
        if (folder == null) {
            new Decryption(identities, raw).run(inputs, surroundings.in(), surroundings.data());
        } else {
            Path passphrase = identity.passphraseFile();
            if (passphrase != null) {
                identities.add(Identities.passphrase(passphrase));
            }
            new BackupDecryption(folder, trusted, identities).run(artifact, surroundings.data());
        }
        return ExitCode.OK.number();
    }

    /** The options that name keys. */
    static final class IdentityOptions {
        @Option(
                names = "--identity",
                paramLabel = "FILE",
                description = "A file with the key: an age identity, or one that is itself encrypted to a passphrase"
                        + " or to another given identity. May be repeated.")
        private List<Path> files = List.of();

        @Option(
                names = "--passphrase-file",
                paramLabel = "FILE",
                description = "A file with a passphrase in its first line: that of an identity or, with --backup, the"
                        + " instance's.")
        private @Nullable Path passphraseFile;

        List<Path> files() {
            return files;
        }

        @Nullable Path passphraseFile() {
            return passphraseFile;
        }
    }
}
