package io.holdfast.manager.store.s3;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Storage classes of S3 whose objects cannot be read before somebody has them restored, which takes hours. See "Amazon S3 User
 * Guide", "Understanding and managing Amazon S3 storage classes".
 */
final class Archives {
    private static final Set<String> CLASSES = Set.of("GLACIER", "DEEP_ARCHIVE");

    private Archives() {}

    /** Whether a storage class, as the store names it, is one of them. Stores that name none have none. */
    static boolean isArchive(@Nullable String storageClass) {
        return storageClass != null && CLASSES.contains(storageClass);
    }
}
