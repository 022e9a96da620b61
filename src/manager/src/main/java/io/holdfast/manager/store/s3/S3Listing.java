package io.holdfast.manager.store.s3;

import io.holdfast.manager.store.ObjectKeys;
import io.holdfast.manager.store.Store.StoredObject;
import io.holdfast.manager.store.StoreException;
import io.holdfast.manager.store.StoreException.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Reads listings to their end, page by page. A page that does not say whether more follow, that counts wrong or that
 * leads back to itself is an error, never the end: what a listing lacks may be taken for deleted.
 */
final class S3Listing {
    private final S3Client client;
    private final S3Settings settings;
    private final String root;

    S3Listing(S3Client client, S3Settings settings) {
        this.client = client;
        this.settings = settings;
        this.root = settings.prefix().isEmpty() ? "" : settings.prefix() + "/";
    }

    /** Gives the objects page by page. {@code each} runs between requests. */
    void objects(String prefix, String after, Consumer<StoredObject> each) {
        String action = "list " + prefix;
        String last = after;
        @Nullable String token = null;
        do {
            String from = token;
            String start = token == null && !after.isEmpty() ? root + after : null;
            ListObjectsV2Response page = S3Failures.call(
                    action,
                    () -> client.listObjectsV2(r -> r.bucket(settings.bucket())
                            .prefix(root + prefix)
                            .startAfter(start)
                            .continuationToken(from)));
            if (page.keyCount() != null && page.keyCount() != page.contents().size()) {
                throw incomplete("a page of the list has another number of keys than it says");
            }
            for (S3Object object : page.contents()) {
                String key = key(object.key(), prefix);
                if (ObjectKeys.isKey(key) && key.compareTo(after) > 0) {
                    if (key.compareTo(last) <= 0) {
                        throw incomplete("the list is not in the order of its keys");
                    }
                    last = key;
                    each.accept(new StoredObject(
                            key,
                            object.size(),
                            object.lastModified(),
                            Md5.ofETag(object.eTag()),
                            Archives.isArchive(object.storageClassAsString())));
                }
            }
            token = next(page.isTruncated(), page.nextContinuationToken(), token);
        } while (token != null);
    }

    List<String> folders(String prefix) {
        List<String> found = new ArrayList<>();
        @Nullable String token = null;
        do {
            String from = token;
            ListObjectsV2Response page = client.listObjectsV2(r -> r.bucket(settings.bucket())
                    .prefix(root + prefix)
                    .delimiter("/")
                    .continuationToken(from));
            for (CommonPrefix folder : page.commonPrefixes()) {
                String key = key(folder.prefix(), prefix).substring(prefix.length());
                String name = key.substring(0, key.length() - 1);
                if (ObjectKeys.isKey(name)) {
                    found.add(name);
                }
            }
            token = next(page.isTruncated(), page.nextContinuationToken(), token);
        } while (token != null);
        found.sort(Comparator.naturalOrder());
        return found;
    }

    private String key(String name, String prefix) {
        if (!name.startsWith(root + prefix)) {
            throw incomplete("the list has names that were not asked for");
        }
        return name.substring(root.length());
    }

    /** Where the next page begins; null when there is none. */
    private static @Nullable String next(@Nullable Boolean truncated, @Nullable String next, @Nullable String current) {
        if (truncated == null) {
            throw incomplete("a page of the list does not say whether more follow");
        }
        if (!truncated) {
            return null;
        }
        if (next == null || next.isEmpty() || next.equals(current)) {
            throw incomplete("a page of the list does not say where the next begins");
        }
        return next;
    }

    private static StoreException incomplete(String message) {
        return new StoreException(Kind.CORRUPT, message, null);
    }
}
