package io.holdfast.cli.local;

import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.outcome.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** Puts what is downloaded into files that are only there once they are whole. */
public final class FileDownload {
    /** No step upwards, nothing hidden: what a manager says may be written only below the folder that was chosen. */
    private static final Pattern PATH = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*");

    private FileDownload() {}

    /** Where a file belongs. */
    public static Path place(Path folder, String path) {
        if (!PATH.matcher(path).matches()) {
            throw new Failure(
                    ExitCode.MANAGER_ERROR, "UnexpectedResponse", "the manager gave an invalid file name", null);
        }
        return folder.resolve(path);
    }

    /** Whether the file is there already, whole. */
    public static boolean isThere(Path file, long bytes, String sha256) {
        try {
            if (!Files.isRegularFile(file) || Files.size(file) != bytes) {
                return false;
            }
            try (InputStream in = Files.newInputStream(file)) {
                return hash(in, OutputStream.nullOutputStream()).equals(sha256);
            }
        } catch (IOException e) {
            throw LocalFiles.unreadable(file, e);
        }
    }

    /**
     * Writes the file.
     *
     * @throws IOException when the source or the disk fails
     * @throws Failure when it is not what it should be
     */
    public static void write(Path file, InputStream content, long bytes, String sha256) throws IOException {
        Path parent = file.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        Path part = file.resolveSibling(file.getFileName() + ".part");
        String hash;
        try (OutputStream out = Files.newOutputStream(part)) {
            hash = hash(content, out);
        }
        if (Files.size(part) != bytes || !hash.equals(sha256)) {
            Files.delete(part);
            throw new Failure(
                    ExitCode.FAILED,
                    "CORRUPT",
                    file.getFileName() + " is not what was backed up: its size or SHA-256 differs",
                    "try again, and verify the backup");
        }
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static String hash(InputStream in, OutputStream out) throws IOException {
        try {
            DigestInputStream hashing = new DigestInputStream(in, MessageDigest.getInstance("SHA-256"));
            hashing.transferTo(out);
            return HexFormat.of().formatHex(hashing.getMessageDigest().digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
