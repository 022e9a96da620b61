package io.holdfast.cli;

import io.holdfast.cli.terminal.Surroundings;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** One run of the program, in this process, and what came out of it. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Run(int exitCode, byte[] output, String errors) {
    /** Runs without input, terminal or environment. */
    static Run of(String... arguments) {
        return with(Map.of(), arguments);
    }

    /** Runs with an environment. */
    static Run with(Map<String, String> environment, String... arguments) {
        return run(environment, new byte[0], false, arguments);
    }

    /** Runs where somebody types an answer. */
    static Run typing(String answer, Map<String, String> environment, String... arguments) {
        return run(environment, answer.getBytes(StandardCharsets.UTF_8), true, arguments);
    }

    /** Runs with standard input. */
    static Run reading(byte[] input, String... arguments) {
        return run(Map.of(), input, false, arguments);
    }

    private static Run run(Map<String, String> environment, byte[] input, boolean canAsk, String... arguments) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        Surroundings surroundings = new Surroundings(
                new ByteArrayInputStream(input),
                output,
                new PrintStream(output, true, StandardCharsets.UTF_8),
                new PrintStream(errors, true, StandardCharsets.UTF_8),
                canAsk,
                false,
                environment);
        int exitCode = Holdfast.run(surroundings, arguments);
        return new Run(exitCode, output.toByteArray(), errors.toString(StandardCharsets.UTF_8));
    }

    /** Standard output as text. */
    String text() {
        return new String(output, StandardCharsets.UTF_8);
    }
}
