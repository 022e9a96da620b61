package io.holdfast.agent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * BOSH jobs on a VM of the test's own.
 *
 * @param folder what is {@code /var/vcap/jobs} on others
 */
record BbrJobs(Path folder) {
    /** Gives a job a script, in place of the one that it has. */
    void script(String job, String name, String text) {
        try {
            executable(
                    Files.createDirectories(folder.resolve(job).resolve("bin/bbr"))
                            .resolve(name),
                    text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void executable(Path file, String text) throws IOException {
        Files.deleteIfExists(file);
        Files.writeString(file, "#!/bin/bash\n" + text + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
