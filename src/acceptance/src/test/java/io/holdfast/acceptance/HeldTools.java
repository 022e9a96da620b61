package io.holdfast.acceptance;

import io.holdfast.testbed.PostgresCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * PostgreSQL's client programs in a folder of their own. One that is held does not begin its work before it is let go,
 * so that something can happen in the middle of a job, however fast the machine is.
 */
final class HeldTools {
    private final Path folder;

    /** Makes the programs; none is held. */
    HeldTools(Path folder, PostgresCluster cluster) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
            for (String program : List.of("pg_dump", "pg_dumpall", "pg_restore", "psql")) {
                Path script = folder.resolve(program);
                Files.writeString(script, """
                        #!/bin/sh
                        if [ "$1" != --version ] && [ -e "$0.held" ]; then
                            touch "$0.waits"
                            while [ -e "$0.held" ]; do sleep 0.1; done
                        fi
                        exec %s "$@"
                        """.formatted(cluster.bin().resolve(program)));
                Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An adapter's settings with these programs. */
    Map<String, Object> adapter(Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(settings);
        all.put("tool_directories", List.of(folder.toString()));
        return all;
    }

    /** From now on the program waits when it is started. */
    void hold(String program) {
        try {
            Files.deleteIfExists(folder.resolve(program + ".waits"));
            Files.writeString(folder.resolve(program + ".held"), "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until the program was started and waits itself. */
    void awaitHeld(String program, Landscape landscape) {
        Eventually.within(
                Duration.ofSeconds(60),
                () -> program + " was started\n" + landscape.logs(),
                () -> Files.exists(folder.resolve(program + ".waits")));
    }

    /** Lets the program go on, if it is held. */
    void release(String program) {
        try {
            Files.deleteIfExists(folder.resolve(program + ".held"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
