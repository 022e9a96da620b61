package io.holdfast.cli;

import io.holdfast.cli.local.Decryption;
import io.holdfast.cli.local.Identities;
import io.holdfast.cli.local.NativeLibraries;
import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.terminal.Surroundings;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Decrypts segments without a manager. */
@Command(
        name = "decrypt",
        description = "Decrypts and decompresses the segments of an artifact to standard output, without a manager."
                + " Only authenticated bytes are written.")
final class DecryptCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    private final IdentityOptions identity = new IdentityOptions();

    @Option(names = "--raw", description = "Do not decompress; also for files that are not compressed.")
    private boolean raw;

    @Parameters(
            paramLabel = "INPUT",
            arity = "1..*",
            description = "The segments in their order, such as app.*.zst.age; \"-\" is standard input.")
    private List<String> inputs = List.of();

    DecryptCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() {
        Decryption.requireOrder(inputs);
        if (!raw) {
            NativeLibraries.load();
        }
        var identities = Identities.open(identity.files(), identity.passphraseFile());
        new Decryption(identities, raw).run(inputs, surroundings.in(), surroundings.data());
        return ExitCode.OK.number();
    }

    /** The options that name keys. */
    static final class IdentityOptions {
        @Option(
                names = "--identity",
                paramLabel = "FILE",
                required = true,
                description = "A file with the key: an age identity, or one that is itself encrypted to a passphrase"
                        + " or to another given identity. May be repeated.")
        private List<Path> files = List.of();

        @Option(
                names = "--passphrase-file",
                paramLabel = "FILE",
                description = "A file with the passphrase of an identity in its first line.")
        private @Nullable Path passphraseFile;

        List<Path> files() {
            return files;
        }

        @Nullable Path passphraseFile() {
            return passphraseFile;
        }
    }
}
