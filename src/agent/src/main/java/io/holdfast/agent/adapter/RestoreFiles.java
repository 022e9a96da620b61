package io.holdfast.agent.adapter;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.RestoreId;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.machine.WholeFile;
import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One restore's files on the agent's disk, which only the agent's user can read: {@code <work>/staged/restore-<id>} with
 * the folders {@code backup} (what is restored), {@code old} (the pre-restore copy) and {@code closed} (how to let others in
 * again). After the restore the pre-restore copy stays as {@code <work>/kept/restore-<id>-until-<time>}.
 */
public final class RestoreFiles {
    private static final long SPARE_BYTES = 16L * 1024 * 1024;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final String UNTIL = "-until-";
    private static final String NO_SPACE = "No space left on device";
    private static final int COPY_BYTES = 256 * 1024;

    private final Path staged;
    private final Path kept;
    private final String name;

    /**
     * The files of one restore; nothing is made yet.
     *
     * @param workDirectory the agent's
     */
    public RestoreFiles(Path workDirectory, RestoreId restore) {
        this.name = "restore-" + restore;
        this.staged = workDirectory.resolve("staged").resolve(name);
        this.kept = workDirectory.resolve("kept");
    }

    /** Its name, such as {@code restore-7}. */
    public String name() {
        return name;
    }

    /** Whether anything of the restore of that name is there, staged or kept. */
    public static boolean has(Path workDirectory, String name) throws IOException {
        return Files.exists(workDirectory.resolve("staged").resolve(name))
                || kept(workDirectory.resolve("kept"), name).isPresent();
    }

    /** What is restored. */
    public Path backup() {
        return staged.resolve("backup");
    }

    /** The pre-restore copy of what it replaces. */
    public Path old() {
        return staged.resolve("old");
    }

    /** How others are let in again. */
    public Path closed() {
        return staged.resolve("closed");
    }

    /** The folder of a content. */
    public Path of(LiveData.Content content) {
        return switch (content) {
            case BACKUP -> backup();
            case OLD -> old();
        };
    }

    /** Makes an empty folder, or empties it. */
    public static void makeEmpty(Path folder) throws IOException {
        delete(folder);
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    /** Removes all that was staged. What is there is there as a whole, until it is not there at all. */
    void delete() throws IOException {
        Path gone = staged.resolveSibling(name + ".gone");
        delete(gone);
        if (Files.isDirectory(staged)) {
            Files.move(staged, gone, StandardCopyOption.ATOMIC_MOVE);
            delete(gone);
        }
    }

    /** Throws {@code DISK_FULL} when there is no room for so many bytes. */
    void requireRoom(long bytes) throws IOException {
        Path folder = Files.createDirectories(staged.resolveSibling("."));
        long free = FreeSpace.of(folder);
        if (free < bytes + SPARE_BYTES) {
            throw full("the disk of " + folder.normalize() + " has " + free
                    + " bytes left; the backup and a pre-restore copy of what it replaces need about " + bytes);
        }
    }

    /** Moves the pre-restore copy to where it stays for its time; gives its place, also when that was done before. */
    Optional<Path> keep(int hours) throws IOException {
        if (Files.isDirectory(old())) {
            Files.createDirectories(kept);
            Path path = kept.resolve(name + UNTIL + TIME.format(Instant.now().plus(Duration.ofHours(hours))));
            Files.move(old(), path, StandardCopyOption.ATOMIC_MOVE);
            return Optional.of(path);
        }
        return kept(kept, name);
    }

    private static Optional<Path> kept(Path kept, String name) throws IOException {
        if (Files.isDirectory(kept)) {
            try (DirectoryStream<Path> found = Files.newDirectoryStream(kept, name + UNTIL + "*")) {
                for (Path path : found) {
                    return Optional.of(path);
                }
            }
        }
        return Optional.empty();
    }

    /** Removes what there is of a pre-restore copy elsewhere. */
    public interface Disposal {
        /**
         * Removes it; may be called when it is gone.
         *
         * @param folder its folder
         */
        void run(Path folder) throws IOException, InterruptedException;
    }

    /** Removes pre-restore copies whose time is over. */
    public static void removeExpired(Path workDirectory) throws IOException {
        try {
            removeExpired(workDirectory, _ -> {});
        } catch (InterruptedException e) {
            throw new IllegalStateException("nothing waits", e);
        }
    }

    /** The same, with what there is of them elsewhere, which goes first. */
    public static void removeExpired(Path workDirectory, Disposal elsewhere) throws IOException, InterruptedException {
        Path kept = workDirectory.resolve("kept");
        if (!Files.isDirectory(kept)) {
            return;
        }
        try (DirectoryStream<Path> found = Files.newDirectoryStream(kept, "restore-*" + UNTIL + "*")) {
            for (Path path : found) {
                String file = path.getFileName().toString();
                try {
                    String until = file.substring(file.indexOf(UNTIL) + UNTIL.length());
                    if (Instant.from(TIME.parse(until)).isBefore(Instant.now())) {
                        elsewhere.run(path);
                        delete(path);
                    }
                } catch (DateTimeParseException e) {
                    // Not a name of ours.
                }
            }
        }
    }

    /**
     * Writes a stream to a file, through a check and onto the disk. The file is there as a whole or not at all.
     *
     * @throws JobException {@code DISK_FULL}
     */
    public static void write(InputStream source, Path file, OutputCheck check) throws IOException {
        Path next = WholeFile.next(file);
        byte[] buffer = new byte[COPY_BYTES];
        try (FileOutputStream out = new FileOutputStream(next.toFile())) {
            for (int n = source.read(buffer); n >= 0; n = source.read(buffer)) {
                check.accept(buffer, 0, n);
                write(out, buffer, n, file);
            }
            check.end();
            out.getFD().sync();
        }
        WholeFile.move(next, file);
    }

    /** Writes an artifact of a backup to a file, through a check, whose complaint means that the backup is damaged. */
    public static void fetch(RestoreOrder order, String artifact, Path file, OutputCheck check) throws IOException {
        try (InputStream in = order.source().open(artifact(order.manifest(), artifact))) {
            write(in, file, check);
        } catch (JobException e) {
            throw e.code() == FailureCode.INCOMPLETE_DUMP ? JobException.corrupt(e.getMessage() + "", e) : e;
        }
    }

    /** One of a backup's artifacts. */
    public static Manifest.Artifact artifact(Manifest manifest, String name) throws JobException {
        return manifest.artifacts().stream()
                .filter(artifact -> artifact.name().equals(name))
                .findFirst()
                .orElseThrow(() -> JobException.corrupt("the backup has no artifact " + name, null));
    }

    private static void write(FileOutputStream out, byte[] bytes, int length, Path file) throws IOException {
        try {
            out.write(bytes, 0, length);
        } catch (IOException e) {
            throw told(e, file);
        }
    }

    /**
     * Opens a new file that is written piece by piece. It is on the disk when the stream was closed without a failure.
     *
     * @return a stream that throws {@code DISK_FULL}
     */
    public static OutputStream create(Path file) throws IOException {
        FileOutputStream disk = new FileOutputStream(file.toFile());
        BufferedOutputStream buffer = new BufferedOutputStream(disk, COPY_BYTES);
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                try {
                    buffer.write(bytes, offset, length);
                } catch (IOException e) {
                    throw told(e, file);
                }
            }

            @Override
            public void close() throws IOException {
                try (disk) {
                    buffer.flush();
                    disk.getFD().sync();
                } catch (IOException e) {
                    throw told(e, file);
                }
            }
        };
    }

    /** A full disk as the failure that it is to people; any other failure as it is. */
    static IOException told(IOException e, Path file) {
        return e.getMessage() != null && e.getMessage().contains(NO_SPACE)
                ? full(file + " cannot be written: " + NO_SPACE)
                : e;
    }

    private static JobException full(String message) {
        return new JobException(
                FailureCode.DISK_FULL,
                message,
                "make room, or name a larger disk in work_directory; pre-restore copies of earlier restores are in its folder"
                        + " kept");
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException e) throws IOException {
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
