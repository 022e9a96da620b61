package io.holdfast.manager.store.s3;

import io.holdfast.manager.store.ObjectKeys;
import io.holdfast.manager.store.Store.OpenUpload;
import io.holdfast.manager.store.Store.Part;
import io.holdfast.manager.store.Store.StoredObject;
import io.holdfast.manager.store.StoreException;
import io.holdfast.manager.store.StoreException.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.ListMultipartUploadsResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.ListPartsResponse;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
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
                    each.accept(new StoredObject(key, object.size(), object.lastModified(), Md5.ofETag(object.eTag())));
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

    List<OpenUpload> uploads(String prefix) {
        try {
            return uploads(root + prefix, prefix);
        } catch (AwsServiceException e) {
            if (e.statusCode() != 501) {
                throw e;
            }
            // Some stores list open uploads, but not by prefix.
            return uploads(null, prefix);
        }
    }

    private List<OpenUpload> uploads(@Nullable String asked, String prefix) {
        List<OpenUpload> found = new ArrayList<>();
        @Nullable String keyMarker = null;
        @Nullable String idMarker = null;
        boolean more;
        do {
            String fromKey = keyMarker;
            String fromId = idMarker;
            ListMultipartUploadsResponse page = client.listMultipartUploads(r ->
                    r.bucket(settings.bucket()).prefix(asked).keyMarker(fromKey).uploadIdMarker(fromId));
            for (MultipartUpload upload : page.uploads()) {
                if (asked != null || upload.key().startsWith(root + prefix)) {
                    String key = key(upload.key(), prefix);
                    if (ObjectKeys.isKey(key)) {
                        found.add(new OpenUpload(key, upload.uploadId(), upload.initiated()));
                    }
                }
            }
            String before = fromKey + "\n" + fromId;
            String after = page.nextKeyMarker() + "\n" + page.nextUploadIdMarker();
            more = next(page.isTruncated(), after, before) != null;
            keyMarker = page.nextKeyMarker();
            idMarker = page.nextUploadIdMarker();
        } while (more);
        found.sort(Comparator.comparing(OpenUpload::key).thenComparing(OpenUpload::uploadId));
        return found;
    }

    List<Part> parts(String key, String name, String uploadId) {
        List<Part> found = new ArrayList<>();
        @Nullable Integer marker = null;
        @Nullable String next;
        do {
            Integer from = marker;
            ListPartsResponse page = client.listParts(r ->
                    r.bucket(settings.bucket()).key(name).uploadId(uploadId).partNumberMarker(from));
            for (software.amazon.awssdk.services.s3.model.Part part : page.parts()) {
                found.add(new Part(part.partNumber(), part.size(), part.eTag()));
            }
            next = next(page.isTruncated(), String.valueOf(page.nextPartNumberMarker()), String.valueOf(from));
            marker = page.nextPartNumberMarker();
        } while (next != null);
        for (int i = 1; i < found.size(); i++) {
            if (found.get(i).number() <= found.get(i - 1).number()) {
                throw incomplete("the parts of " + key + " are not listed in the order of their numbers");
            }
        }
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
