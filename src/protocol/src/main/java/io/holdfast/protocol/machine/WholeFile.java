package io.holdfast.protocol.machine;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Files that are there as a whole, in their old or in their new form, whatever happens meanwhile. What is not there yet is
 * beside its place, with the ending {@code .next}.
 */
public final class WholeFile {
    private WholeFile() {}

    /** Where a file is written before it takes its place. */
    public static Path next(Path file) {
        return file.resolveSibling(file.getFileName() + ".next");
    }

    /** Replaces a file, or makes it. Not after a crash of the machine: for what is of no use then. */
    public static void replace(Path file, byte[] content) throws IOException {
        Path next = next(file);
        Files.write(next, content);
        move(next, file);
    }

    /** The same; it is on the disk when this returns. */
    public static void replaceDurably(Path file, byte[] content) throws IOException {
        Path next = next(file);
        try (FileOutputStream out = new FileOutputStream(next.toFile())) {
            out.write(content);
            out.getFD().sync();
        }
        move(next, file);
        syncFolder(file);
    }

    /** Lets a file that was written take its place, over one that may be there. */
    public static void move(Path next, Path file) throws IOException {
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Makes last that a file has come to its place, or that it is gone. */
    public static void syncFolder(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }
}
