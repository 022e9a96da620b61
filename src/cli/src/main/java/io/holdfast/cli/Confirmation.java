package io.holdfast.cli;

import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.outcome.Failure;
import io.holdfast.cli.terminal.Surroundings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Option;

/** Asks before something that cannot be taken back. */
final class Confirmation {
    private final Surroundings surroundings;

    @Option(names = "--yes", description = "Do not ask for confirmation. Needed where there is no terminal.")
    private boolean yes;

    Confirmation(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /** Whether {@code --yes} was given. */
    boolean given() {
        return yes;
    }

    /** Fails unless somebody types the instance's id. */
    void require(InstanceId instance, String consequence) {
        if (yes) {
            return;
        }
        if (!surroundings.canAsk()) {
            throw new Failure(
                    ExitCode.USAGE,
                    "NotConfirmed",
                    "there is no terminal to ask for confirmation",
                    "give --yes to go on without confirmation");
        }
        surroundings.err().println(consequence);
        surroundings.err().print("Type the instance's id to go on: ");
        surroundings.err().flush();
        if (!instance.text().equals(answer())) {
            throw new Failure(ExitCode.USAGE, "NotConfirmed", "that is not the instance's id; nothing was done", null);
        }
    }

    private String answer() {
        try {
            String line =
                    new BufferedReader(new InputStreamReader(surroundings.in(), StandardCharsets.UTF_8)).readLine();
            return line == null ? "" : line.strip();
        } catch (IOException e) {
            return "";
        }
    }
}
