package io.holdfast.manager.store.directory;

import io.holdfast.manager.store.StoreException;
import io.holdfast.manager.store.StoreException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Puts files into place so that a crash, of the process or of the machine, leaves each whole or absent: written aside,
 * forced, renamed, and the folder forced too. Any thread may use it.
 */
final class DurableFiles {
    /** After this, a file aside belongs to nobody who still runs. */
    private static final Duration LEFT_OVER = Duration.ofHours(1);

    private final Path root;
    private final Path aside;

    /** Guards the tree of folders: making one and clearing an empty one away must not cross. */
    private final Object tree = new Object();

    DurableFiles(Path root) throws IOException {
        this.root = root;
        this.aside = root.resolve(".temporary");
        Files.createDirectories(aside);
        removeLeftOvers();
    }

    /** Whether its folder is there, as it always is on the disk that it was made on. */
    boolean isThere() {
        return Files.isDirectory(aside);
    }

    /** A path for something on its way; nothing is there yet. */
    Path newPath() {
        return aside.resolve(UUID.randomUUID().toString());
    }

    /** Writes a new file and forces it. */
    void write(Path file, byte[] content) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            ByteBuffer left = ByteBuffer.wrap(content);
            while (left.hasRemaining()) {
                channel.write(left);
            }
            channel.force(true);
        }
    }

    /** Writes a new file from a stream and forces it. */
    void write(Path file, InputStream content) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            content.transferTo(Channels.newOutputStream(channel));
            channel.force(true);
        }
    }

    /**
     * Renames a forced file into place, over any that is there. The folder is forced without the lock, so that others go on.
     */
    void publish(Path file, Path target) throws IOException {
        synchronized (tree) {
            makeFolder(parent(target));
            if (Files.isDirectory(target)) {
                throw refused(target);
            }
            Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
        }
        try {
            force(parent(target));
        } catch (NoSuchFileException e) {
            // Deleted again at once, with its folder, whose absence that deletion forces.
        }
    }

    /**
     * Puts a forced file into place unless one is there.
     *
     * @return whether it did
     */
    boolean publishIfAbsent(Path file, Path target) throws IOException {
        synchronized (tree) {
            makeFolder(parent(target));
            try {
                // A link fails where a rename would replace.
                Files.createLink(target, file);
            } catch (FileAlreadyExistsException e) {
                return false;
            }
            force(parent(target));
        }
        return true;
    }

    /** Deletes a file, if it is there, and the folders that it leaves empty. */
    void delete(Path file) throws IOException {
        synchronized (tree) {
            if (Files.isDirectory(file) || !Files.deleteIfExists(file)) {
                return;
            }
            Path folder = parent(file);
            while (!folder.equals(root)) {
                try {
                    Files.delete(folder);
                } catch (DirectoryNotEmptyException e) {
                    break;
                }
                folder = parent(folder);
            }
            force(folder);
        }
    }

    /** Makes what was done in a folder last. */
    void force(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private void makeFolder(Path folder) throws IOException {
        if (folder.equals(root) || Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        makeFolder(parent(folder));
        try {
            Files.createDirectory(folder);
        } catch (FileAlreadyExistsException e) {
            throw refused(folder);
        }
        force(parent(folder));
    }

    private StoreException refused(Path path) {
        return new StoreException(Kind.REFUSED, root.relativize(path) + " cannot be both an object and a folder", null);
    }

    private void removeLeftOvers() throws IOException {
        Instant before = Instant.now().minus(LEFT_OVER);
        try (Stream<Path> left = Files.list(aside)) {
            for (Path path : left.toList()) {
                if (Files.getLastModifiedTime(path).toInstant().isBefore(before)) {
                    Files.deleteIfExists(path);
                }
            }
        }
    }

    private static Path parent(Path path) {
        Path parent = path.getParent();
        if (parent == null) {
            throw new IllegalArgumentException(path + " has no parent");
        }
        return parent;
    }
}
