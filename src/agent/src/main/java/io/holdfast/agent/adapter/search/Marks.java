package io.holdfast.agent.adapter.search;

import io.holdfast.protocol.machine.WholeFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * Files in the agent's own folder that tell what it has begun in the cluster and beside it, where others may work too: what
 * this agent did not begin it does not clear away.
 *
 * @param folder where they lie
 */
record Marks(Path folder) {
    private static final String AGENT = "agent";

    /** The agent's own name, made once: other agents may work in the same cluster, at the same backups and restores. */
    String agent() throws IOException {
        Path file = folder.resolve(AGENT);
        if (!Files.exists(file)) {
            byte[] name = new byte[4];
            new SecureRandom().nextBytes(name);
            Files.createDirectories(folder);
            WholeFile.replace(file, HexFormat.of().formatHex(name).getBytes(StandardCharsets.UTF_8));
        }
        return Files.readString(file);
    }

    /** From here on there may be something of the given name. */
    void set(String name) throws IOException {
        Files.createDirectories(folder);
        Files.write(folder.resolve(name), new byte[0]);
    }

    boolean has(String name) {
        return Files.exists(folder.resolve(name));
    }

    /** All of it is gone. */
    void clear(String name) throws IOException {
        Files.deleteIfExists(folder.resolve(name));
    }

    /** Those whose names begin so. */
    List<String> beginningWith(String start) throws IOException {
        List<String> names = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (Stream<Path> found = Files.list(folder)) {
                found.map(path -> path.getFileName().toString())
                        .filter(name -> name.startsWith(start))
                        .forEach(names::add);
            }
        }
        return names;
    }
}
