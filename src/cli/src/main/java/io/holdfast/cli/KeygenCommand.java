package io.holdfast.cli;

import io.holdfast.cli.local.LocalFiles;
import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.terminal.Surroundings;
import io.holdfast.format.age.X25519Identity;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.concurrent.Callable;
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
            description = "A file that is not there yet. Only its owner will be able to read it.")
    private Path file = Path.of("");

    KeygenCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() {
        X25519Identity identity = X25519Identity.generate(new SecureRandom());
        String text = "# public key: " + identity.recipient() + "\n" + identity.encoded() + "\n";
        LocalFiles.writeSecret(file, text.getBytes(StandardCharsets.US_ASCII));
        surroundings.out().println(identity.recipient());
        return ExitCode.OK.number();
    }
}
