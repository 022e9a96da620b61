package io.holdfast.agent.adapter;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A small file for a program's credentials, which only the agent's user can read. Closing it deletes it. */
public final class PrivateFile implements AutoCloseable {
    private final Path path;

    private PrivateFile(Path path) {
        this.path = path;
    }

    /**
     * Writes one.
     *
     * @param folder made if missing; the agent empties it at its start
     * @param prefix how its name begins
     */
    public static PrivateFile write(Path folder, String prefix, String content) throws IOException {
        Files.createDirectories(folder);
        Path path = Files.createTempFile(
                folder, prefix, "", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(path, content);
        return new PrivateFile(path);
    }

    public Path path() {
        return path;
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + path, e);
        }
    }
}
