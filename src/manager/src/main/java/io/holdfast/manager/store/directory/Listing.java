package io.holdfast.manager.store.directory;

import io.holdfast.manager.store.ObjectKeys;
import io.holdfast.manager.store.Store.StoredObject;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.function.Consumer;

/**
 * Gives the objects below a folder in the order of their keys. What vanishes meanwhile was deleted; every other failure
 * counts.
 *
 * <p>A file system tells a folder's names in no order. So that a folder may have any number of them, they are taken in
 * pages: each time the folder is read from its beginning, and the smallest names that were not given yet are kept.
 *
 * <p>A folder {@code b} comes where {@code b/} does, which is after {@code b-b} and {@code b.txt}. Whether a name is a
 * folder's is only known when it is looked at, so a folder waits for its place.
 */
final class Listing {
    /** Names in memory, for each folder on the way down. */
    private static final int PAGE = 100_000;

    private final Path root;
    private final String after;
    private final Consumer<StoredObject> each;
    private final int pageSize;

    Listing(Path root, String after, Consumer<StoredObject> each) {
        this(root, after, each, PAGE);
    }

    /** With pages of another size. */
    Listing(Path root, String after, Consumer<StoredObject> each, int pageSize) {
        this.root = root;
        this.after = after;
        this.each = each;
        this.pageSize = pageSize;
    }

    /** A file as an object. */
    static StoredObject object(String key, BasicFileAttributes attributes) {
        return new StoredObject(
                key, attributes.size(), attributes.lastModifiedTime().toInstant());
    }

    /**
     * Walks through a folder, if it is there.
     *
     * @param prefix empty, or its key and a slash
     */
    void walk(String prefix) throws IOException {
        PriorityQueue<String> folders = new PriorityQueue<>();
        String last = "";
        String[] page;
        do {
            page = names(prefix, last);
            for (String name : page) {
                walkFoldersBefore(prefix, name, folders);
                if (visit(prefix + name)) {
                    folders.add(name + "/");
                }
                last = name;
            }
        } while (page.length == pageSize);
        while (!folders.isEmpty()) {
            walk(prefix + folders.remove());
        }
    }

    private void walkFoldersBefore(String prefix, String name, PriorityQueue<String> folders) throws IOException {
        for (String next = folders.peek(); next != null && next.compareTo(name) < 0; next = folders.peek()) {
            walk(prefix + folders.remove());
        }
    }

    /** Gives it if it is an object, and tells whether it is a folder. */
    private boolean visit(String key) throws IOException {
        BasicFileAttributes attributes;
        try {
            attributes = Files.readAttributes(root.resolve(key), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return false;
        }
        if (attributes.isRegularFile() && key.compareTo(after) > 0 && ObjectKeys.isKey(key)) {
            each.accept(object(key, attributes));
        }
        return attributes.isDirectory();
    }

    /** The smallest names behind another, in order; fewer than a page's if no more follow. */
    private String[] names(String prefix, String last) throws IOException {
        PriorityQueue<String> smallest = new PriorityQueue<>(Comparator.reverseOrder());
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(root.resolve(prefix))) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (name.compareTo(last) > 0 && ObjectKeys.isKey(name) && isWanted(prefix + name + "/")) {
                    smallest.add(name);
                    if (smallest.size() > pageSize) {
                        smallest.remove();
                    }
                }
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return new String[0];
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        String[] names = smallest.toArray(new String[0]);
        Arrays.sort(names);
        return names;
    }

    /** Whether a folder, or the file of its name, may have something behind {@link #after}. */
    private boolean isWanted(String folder) {
        return folder.compareTo(after) > 0 || after.startsWith(folder);
    }
}
