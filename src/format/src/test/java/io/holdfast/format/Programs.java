package io.holdfast.format;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs the public programs that other people would read a backup with. */
public final class Programs {
    private static final long LONGEST_MINUTES = 2;

    private Programs() {}

    /** Runs a program from file to file, and fails when it is missing, fails itself or takes too long. */
    public static void run(Path input, Path output, String... command) throws IOException, InterruptedException {
        Path errors = Files.createTempFile("errors", ".txt");
        try {
            Process process = start(new ProcessBuilder(command)
                    .redirectInput(input.toFile())
                    .redirectOutput(output.toFile())
                    .redirectError(errors.toFile()));
            await(process, errors, command);
        } finally {
            Files.delete(errors);
        }
    }

    /**
     * Runs a shell command on a terminal of its own and types this text into it, since age takes passphrases from
     * terminals only.
     */
    public static void runOnTerminal(String typed, String shellCommand) throws IOException, InterruptedException {
        Path screen = Files.createTempFile("screen", ".txt");
        try {
            String[] command = {"script", "-qec", shellCommand, "/dev/null"};
            Process process =
                    start(new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(screen.toFile()));
            process.outputWriter(UTF_8).append(typed).flush();
            await(process, screen, command);
        } finally {
            Files.delete(screen);
        }
    }

    private static Process start(ProcessBuilder builder) {
        try {
            return builder.start();
        } catch (IOException e) {
            throw new AssertionError(
                    "this test needs the program " + builder.command().getFirst()
                            + " (Debian packages age, zstd, bsdutils)",
                    e);
        }
    }

    private static void await(Process process, Path messages, String... command)
            throws IOException, InterruptedException {
        if (!process.waitFor(LONGEST_MINUTES, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new AssertionError("took too long: " + List.of(command));
        }
        if (process.exitValue() != 0) {
            throw new AssertionError("failed: " + List.of(command) + ": " + Files.readString(messages));
        }
    }
}
