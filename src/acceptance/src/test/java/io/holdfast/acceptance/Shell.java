package io.holdfast.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Runs programs. */
final class Shell {
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private Shell() {}

    /** What a program wrote, to both its outputs, and its exit status. */
    record Result(int status, String output) {}

    /** Runs a program to its end and returns what it wrote; fails when it does. */
    static String run(String... command) {
        Result result = result(command);
        if (result.status() != 0) {
            throw new AssertionError(List.of(command) + " ended with " + result.status() + ":\n" + result.output());
        }
        return result.output();
    }

    /**
     * Runs one program, as a shell calls it, on a terminal of its own and types a line into it, since age takes passphrases
     * from terminals only. The program takes the shell's place: one that leads a process group, as timeout does, would
     * otherwise be in the terminal's background, and be stopped at its first look at what was typed.
     */
    static void runOnTerminal(String typed, String shellCommand) {
        try {
            Process process = new ProcessBuilder("script", "-qec", "exec " + shellCommand, "/dev/null")
                    .redirectErrorStream(true)
                    .start();
            process.outputWriter(StandardCharsets.UTF_8)
                    .append(typed)
                    .append("\n")
                    .flush();
            String screen = toItsEnd(process);
            if (process.waitFor() != 0) {
                throw new AssertionError(shellCommand + " ended with " + process.exitValue() + ":\n" + screen);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Runs a program to its end. */
    static Result result(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
                    .start();
            String output = toItsEnd(process);
            return new Result(process.waitFor(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** What a program writes until it ends; one that does not end within {@link #PATIENCE} is ended, with all that it started. */
    private static String toItsEnd(Process process) throws IOException {
        CompletableFuture.delayedExecutor(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .execute(() -> {
                    process.descendants().forEach(ProcessHandle::destroyForcibly);
                    process.destroyForcibly();
                });
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
