package io.holdfast.manager.store;

import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keeps bytes under keys. The contract is the same for every implementation and is held by one test suite.
 *
 * <p><b>Keys</b> are relative paths of {@code [A-Za-z0-9._-]+} segments joined by {@code /}; no segment begins with a
 * dot. Others are refused with {@link IllegalArgumentException} ({@link ObjectKeys} has the rule). No key is another
 * key's folder. A configured prefix is the implementation's affair and never shows.
 *
 * <p><b>Failure.</b> Every method throws {@link StoreException}, which says by its {@link StoreException.Kind kind}
 * whether repeating can help. An implementation does not retry; the wrapper {@code RetryingStore} does, in one place.
 *
 * <p><b>Durability.</b> When a writing method returns, the bytes are as durable as the store makes them.
 *
 * <p><b>Listing</b> is complete or fails: an error or a missing page is never "no more files".
 *
 * <p><b>Threads.</b> All methods may be called by any thread at any time.
 */
public interface Store extends AutoCloseable {
    /** Most bytes that {@link #put} and {@link #get} take: they are for manifests and keys, not for data. */
    int SMALL_OBJECT_BYTES = 16 * 1024 * 1024;

    /**
     * Finds out, by trying with throw-away objects below {@code probe/}, whether the store can be used and what it can
     * do. Repeatable.
     */
    StoreAbilities probe();

    /** Writes an object, replacing any. Repeatable. */
    void put(String key, byte[] content);

    /**
     * Writes an object unless there is one.
     *
     * <p>Repeatable in effect: after a lost answer the repetition says {@code false}, and the caller compares what is
     * there with what it wanted. On a store without conditional writes this checks first and then writes, which does
     * not exclude a rival in between; {@link StoreAbilities#conditionalPut} tells.
     *
     * @return whether this call wrote it
     */
    boolean putIfAbsent(String key, byte[] content);

    /**
     * Reads a whole small object.
     *
     * @return the content, or empty when there is no such object
     */
    Optional<byte[]> get(String key);

    /**
     * Reads an object from an offset to its end, or {@code length} bytes of it. The stream throws when it ends before
     * that, and also when the object does. The caller closes it, at any point.
     *
     * @param offset first byte, from 0
     * @param length how many bytes, or {@link Long#MAX_VALUE} for all that follow
     * @throws StoreException of kind {@code NOT_FOUND} when there is no such object, of kind {@code REFUSED} when the
     *     range begins behind its end
     */
    InputStream read(String key, long offset, long length);

    /** Looks at an object as the store now has it. Empty when there is none. */
    Optional<StoredObject> head(String key);

    /**
     * Lists all objects whose key begins with a prefix, in the order of their keys. Complete or an exception. What
     * others put there under names that are no keys is left out.
     *
     * @param prefix empty, or a key's beginning that ends with {@code /}
     */
    List<StoredObject> list(String prefix);

    /**
     * Lists the names of the folders right below a prefix, in order. Complete or an exception. One that has no object in
     * it any more may be among them.
     *
     * @param prefix empty, or a key's beginning that ends with {@code /}
     */
    List<String> folders(String prefix);

    /** Deletes an object. Deleting what is not there is fine. Repeatable. */
    void delete(String key);

    /**
     * Begins an upload in parts. Not repeatable: an answer that was lost leaves an open upload, which
     * {@link #openUploads} finds. All parts of an upload but the last have one size.
     *
     * @return the upload's id
     */
    String createUpload(String key);

    /**
     * Makes an address that accepts, for a while and from anybody who has it, one part with exactly this size and MD5.
     * No call to the store.
     *
     * @param part from 1 to the store's limit
     * @param size bytes
     * @param md5 in base64
     */
    SignedRequest signPart(String key, String uploadId, int part, long size, String md5, Duration validFor);

    /** Makes an address from which anybody who has it can read the object, ranges included. No call to the store. */
    SignedRequest signRead(String key, Duration validFor);

    /**
     * Joins the parts to the object, replacing any of that key. Repeatable: when the upload is gone and the object has
     * the size of the parts together, it was done before, and this returns.
     *
     * <p>The answer's body is read too: an error inside a 200 is an error. Callers still look with {@link #head}.
     *
     * @param parts all parts, in order
     * @throws StoreException of kind {@code UPLOAD_GONE} when there is neither the upload nor the object
     */
    void completeUpload(String key, String uploadId, List<Part> parts);

    /**
     * Lists the parts that an upload has so far, in the order of their numbers. Complete or an exception. Of an upload
     * that is not there, some stores list none.
     *
     * @throws StoreException of kind {@code UPLOAD_GONE} when there is no such upload
     */
    List<Part> parts(String key, String uploadId);

    /** Gives an upload up and frees its parts. One that is not there is fine. Repeatable, and worth repeating. */
    void abortUpload(String key, String uploadId);

    /**
     * Lists all uploads that were begun and neither completed nor aborted, below a prefix. Complete or an exception.
     */
    List<OpenUpload> openUploads(String prefix);

    /** The store's own clock, as it tells it. */
    Instant clock();

    /** Frees connections. Never throws. */
    @Override
    void close();

    /**
     * An object as the store has it.
     *
     * @param key its key
     * @param size bytes
     * @param lastModified by the store's clock
     * @param md5 what may well be the content's MD5, in lower-case hexadecimal: when it is equal to one's own, so is the
     *     content; when it is not, that says nothing. Null where a store does not tell
     */
    record StoredObject(
            String key,
            long size,
            Instant lastModified,
            @Nullable String md5) {
        public StoredObject(String key, long size, Instant lastModified) {
            this(key, size, lastModified, null);
        }
    }

    /**
     * A part of an upload.
     *
     * @param number from 1
     * @param size bytes
     * @param etag what the store answered to its upload
     */
    record Part(int number, long size, String etag) {}

    /** An upload that is neither completed nor aborted. */
    record OpenUpload(String key, String uploadId, Instant initiated) {}

    /**
     * A request that somebody without credentials can send.
     *
     * @param method {@code PUT} or {@code GET}
     * @param uri where to
     * @param headers headers to send exactly as given. Content-Length is not among them, since every client sends it;
     *     for a part it must be the size that was signed
     */
    record SignedRequest(String method, URI uri, Map<String, String> headers) {}
}
