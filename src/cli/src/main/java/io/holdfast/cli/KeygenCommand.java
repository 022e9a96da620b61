package io.holdfast.cli;

import io.holdfast.cli.local.LocalFiles;
import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.outcome.Failure;
import io.holdfast.cli.terminal.Surroundings;
import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.secret.KeySecret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes an age identity. */
@Command(
        name = "keygen",
        description = "Makes an age identity, such as a master or a recovery identity, and prints its recipient.")
final class KeygenCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            required = true,
            description = "A new file. Only its owner will be able to read it.")
    private Path file = Path.of("");

    @Option(
            names = "--from-secret",
            paramLabel = "FILE",
            description = "Derive the master identity from a manager's key secret (keys.secret) instead.")
    private @Nullable Path secret;

    KeygenCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() {
        X25519Identity identity = secret == null ? X25519Identity.generate(new SecureRandom()) : derived(secret);
        String text = "# public key: " + identity.recipient() + "\n" + identity.encoded() + "\n";
        LocalFiles.writeSecret(file, text.getBytes(StandardCharsets.US_ASCII));
        surroundings.out().println(identity.recipient());
        return ExitCode.OK.number();
    }

    private static X25519Identity derived(Path secret) {
        try {
            return KeySecret.of(Files.readString(secret)).masterIdentity();
        } catch (IOException | IllegalArgumentException e) {
            throw new Failure(
                    ExitCode.LOCAL_FILE,
                    "BadSecret",
                    "the key secret cannot be used: " + e.getMessage(),
                    "it is the text of the manager's keys.secret");
        }
    }
}
