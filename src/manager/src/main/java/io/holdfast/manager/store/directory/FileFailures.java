package io.holdfast.manager.store.directory;

import io.holdfast.manager.store.StoreException;
import io.holdfast.manager.store.StoreException.Kind;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Says what a file system's failure means for the caller. */
final class FileFailures {
    private FileFailures() {}

    static StoreException translate(String action, IOException failure) {
        return switch (failure) {
            case NoSuchFileException e -> new StoreException(Kind.NOT_FOUND, "cannot " + action + ": not there", e);
            case AccessDeniedException e ->
                new StoreException(
                        Kind.DENIED,
                        "cannot " + action + ": access denied (hint: the manager's user must own the store's folder)",
                        e);
            default ->
                isFull(failure)
                        ? new StoreException(
                                Kind.FULL, "cannot " + action + ": no space left in the store's folder", failure)
                        : new StoreException(Kind.PASSING, "cannot " + action + ": " + reason(failure), failure);
        };
    }

    /** The JDK has no exception of its own for this; these are the C library's texts for ENOSPC and EDQUOT. */
    private static boolean isFull(IOException failure) {
        String text = String.valueOf(failure.getMessage());
        return text.contains("No space left on device") || text.contains("Disk quota exceeded");
    }

    private static String reason(IOException failure) {
        if (failure instanceof FileSystemException e && e.getReason() != null) {
            return e.getReason();
        }
        return failure.getClass().getSimpleName();
    }
}
