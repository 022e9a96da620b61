package io.holdfast.cli;

import io.holdfast.cli.terminal.Surroundings;

/** Where the program starts. */
public final class Main {
    private Main() {}

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        System.exit(Holdfast.run(Surroundings.ofThisProcess(), arguments));
    }
}
