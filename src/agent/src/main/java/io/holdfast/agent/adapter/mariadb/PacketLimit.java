package io.holdfast.agent.adapter.mariadb;

import io.holdfast.agent.adapter.OutputCheck;
import io.holdfast.agent.adapter.RestoreFiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The server's {@code max_allowed_packet}: rows that came over it one way are twice as long in a dump. It is raised for a
 * restore that needs more, and put back afterwards.
 */
final class PacketLimit {
    private static final String FILE = "max_allowed_packet";
    private static final long LARGEST = 1L << 30;

    /** The server counts the statement's own packet too. */
    private static final long SPARE = 64 * 1024;

    private PacketLimit() {}

    /** Raises it when a statement of so many bytes needs that; first writes down what it was. */
    static void raise(Client client, RestoreFiles files, long bytes) throws IOException, InterruptedException {
        long now = Long.parseLong(
                client.run("SELECT @@GLOBAL.max_allowed_packet;").getFirst().getFirst());
        long needed = Math.min(LARGEST, bytes + SPARE);
        if (needed > now) {
            Path file = files.closed().resolve(FILE);
            if (!Files.exists(file)) {
                byte[] text = Long.toString(now).getBytes(StandardCharsets.US_ASCII);
                RestoreFiles.write(new ByteArrayInputStream(text), file, OutputCheck.ANYTHING);
            }
            client.run("SET GLOBAL max_allowed_packet = " + needed + ";");
        }
    }

    /** Puts it back, if it was raised. */
    static void putBack(Client client, RestoreFiles files) throws IOException, InterruptedException {
        Path file = files.closed().resolve(FILE);
        if (Files.exists(file)) {
            client.run("SET GLOBAL max_allowed_packet = " + Long.parseLong(Files.readString(file)) + ";");
            Files.delete(file);
        }
    }
}
