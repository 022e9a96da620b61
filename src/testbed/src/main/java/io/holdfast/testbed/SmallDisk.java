package io.holdfast.testbed;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file system of its own that is soon full: a tmpfs. Mounting needs root. */
public final class SmallDisk implements AutoCloseable {
    private final Path path;

    private SmallDisk(Path path) {
        this.path = path;
    }

    /**
     * Mounts a small disk.
     *
     * @param path the mount point; made if missing
     * @param bytes its size
     */
    public static SmallDisk mount(Path path, long bytes) throws IOException {
        Files.createDirectories(path);
        run("mount", "-t", "tmpfs", "-o", "size=" + bytes + ",mode=0777", "small-disk", path.toString());
        return new SmallDisk(path);
    }

    /** Where it is mounted. */
    public Path path() {
        return path;
    }

    @Override
    public void close() throws IOException {
        run("umount", "--lazy", path.toString());
        Files.delete(path);
    }

    private static void run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.onExit().join().exitValue() != 0) {
            throw new IOException(
                    command[0] + " fails: " + output + " (hint: tests with a full disk mount one, and need root)");
        }
    }
}
