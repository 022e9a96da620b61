package io.holdfast.cli.local;

import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.outcome.Failure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Small local files: secrets that are read, and secrets that are written. */
public final class LocalFiles {
    private LocalFiles() {}

    /** The first line of a file that holds a password or passphrase. */
    public static String firstLine(Path file) {
        try {
            String text = Files.readString(file, StandardCharsets.UTF_8);
            String line = text.lines().findFirst().orElse("");
            if (line.isEmpty()) {
                throw new Failure(ExitCode.LOCAL_FILE, "EmptyFile", file + " has nothing in its first line", null);
            }
            return line;
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    /** A small file's text. */
    public static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    /** Writes a file that only its owner may read, and that must not be there yet. */
    public static void writeSecret(Path file, byte[] content) {
        var permissions = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        Set<StandardOpenOption> options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (FileChannel channel = FileChannel.open(file, options, permissions)) {
            ByteBuffer buffer = ByteBuffer.wrap(content);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        } catch (FileAlreadyExistsException e) {
            throw new Failure(
                    ExitCode.LOCAL_FILE,
                    "FileExists",
                    file + " exists already; it was not changed",
                    "choose another name",
                    e);
        } catch (IOException e) {
            throw new Failure(ExitCode.LOCAL_FILE, "CannotWrite", "cannot write " + because(file, e), null, e);
        }
    }

    /** The failure to read a file. */
    public static Failure unreadable(Path file, IOException e) {
        return new Failure(ExitCode.LOCAL_FILE, "CannotRead", "cannot read " + because(file, e), null, e);
    }

    private static String because(Path file, IOException e) {
        return switch (e) {
            case NoSuchFileException _ -> file + ": no such file or directory";
            case AccessDeniedException _ -> file + ": permission denied";
            default -> file + ": " + e.getMessage();
        };
    }
}
