package io.holdfast.cli.terminal;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What the process was given to live in.
 *
 * @param in standard input
 * @param data standard output for bytes: unlike {@code out} it reports errors
 * @param out standard output for text
 * @param err standard error
 * @param canAsk that a person sits at standard input and sees standard error
 * @param errIsTerminal that standard error is a terminal, where a line can be drawn again and again
 * @param environment the environment's variables
 */
public record Surroundings(
        InputStream in,
        OutputStream data,
        PrintStream out,
        PrintStream err,
        boolean canAsk,
        boolean errIsTerminal,
        Map<String, String> environment) {

    /** Those of this process. Text is UTF-8 whatever the locale says, because JSON is. */
    public static Surroundings ofThisProcess() {
        OutputStream data = new FileOutputStream(FileDescriptor.out);
        PrintStream out = new PrintStream(data, true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        boolean errIsTerminal = isTerminal(2);
        return new Surroundings(
                System.in, data, out, err, errIsTerminal && isTerminal(0), errIsTerminal, System.getenv());
    }

    /** Linux shows where a descriptor leads; Java can only tell for input and output together. */
    private static boolean isTerminal(int descriptor) {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                    .toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException e) {
            return false;
        }
    }
}
