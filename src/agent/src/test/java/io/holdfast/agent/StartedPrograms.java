package io.holdfast.agent;

import io.holdfast.agent.process.ProcessRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** Writes down all programs that an agent starts: each of them by {@code setsid}, which stands first in its search path. */
final class StartedPrograms {
    private final Path folder;
    private final Path started;

    StartedPrograms(Path directory) throws IOException {
        folder = Files.createDirectory(directory.resolve("counting"));
        started = Files.createFile(folder.resolve("started"));
        Path setsid = Files.writeString(
                folder.resolve("setsid"), "#!/bin/sh\necho \"$*\" >> " + started + "\nexec /usr/bin/setsid \"$@\"\n");
        Files.setPosixFilePermissions(setsid, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    ProcessRunner runner() {
        return new ProcessRunner(folder + ":/usr/sbin:/usr/bin:/sbin:/bin");
    }

    /** The calls so far. */
    List<String> all() throws IOException {
        return Files.readAllLines(started);
    }
}
