package io.holdfast.manager.store;

import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
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
    /** Most bytes that are held in memory: {@link #put(String, byte[])} and {@link #get} are for manifests and keys. */
    int SMALL_OBJECT_BYTES = 16 * 1024 * 1024;

    /** Most bytes that one request writes: 5 GiB, as S3 has it. */
    long MOST_OBJECT_BYTES = 5L * 1024 * 1024 * 1024;

    /**
     * Finds out, by trying with throw-away objects below {@code probe/}, whether the store can be used and what it can
     * do. Repeatable.
     */
    StoreAbilities probe();

    /** Writes an object, replacing any. Repeatable. */
    void put(String key, byte[] content);

    /**
     * Writes an object from a file, replacing any. Repeatable. Needs the same memory for every size.
     *
     * @param file of up to {@link #MOST_OBJECT_BYTES}, which does not change meanwhile
     * @throws java.io.UncheckedIOException when the file cannot be opened or read beforehand
     */
    void put(String key, Path file);

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
     * Lists all objects whose key begins with a prefix and comes after another key, in the order of their keys, each of
     * them once. Needs the same memory for any number. Complete or an exception; before that, some may have been given
     * already. What others put there under names that are no keys is left out.
     *
     * <p>An object that is written or deleted meanwhile may be given or not. {@code each} may call the store; what it
     * throws ends the list and is thrown.
     *
     * @param prefix empty, or a key's beginning that ends with {@code /}
     * @param after only larger keys are listed; empty for all
     */
    void list(String prefix, String after, Consumer<StoredObject> each);

    /** Lists all objects below a prefix, as the other {@code list} does. */
    default void list(String prefix, Consumer<StoredObject> each) {
        list(prefix, "", each);
    }

    /** The same in memory: for what has few objects. */
    default List<StoredObject> list(String prefix) {
        List<StoredObject> found = new ArrayList<>();
        list(prefix, "", found::add);
        return found;
    }

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
     * Makes an address that accepts, for a while and from anybody who has it, an object with exactly this size and MD5,
     * replacing any. Repeatable until it expires. No call to the store.
     *
     * <p>The answer to the {@code PUT} has an ETag. One that is an MD5 (32 hexadecimal digits) is that of the content,
     * which the sender compares; with stores that encrypt it may be something else.
     *
     * @param size bytes, up to {@link #MOST_OBJECT_BYTES}
     * @param md5 in base64
     */
    SignedRequest signPut(String key, long size, String md5, Duration validFor);

    /** Makes an address from which anybody who has it can read the object, ranges included. No call to the store. */
    SignedRequest signRead(String key, Duration validFor);

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
     * @param archived whether it has to be fetched from an archive before it can be read
     */
    record StoredObject(
            String key,
            long size,
            Instant lastModified,
            @Nullable String md5,
            boolean archived) {
        public StoredObject(String key, long size, Instant lastModified) {
            this(key, size, lastModified, null, false);
        }
    }

    /**
     * A request that somebody without credentials can send.
     *
     * @param method {@code PUT} or {@code GET}
     * @param uri where to
     * @param headers headers to send exactly as given. Content-Length is not among them, since every client sends it;
     *     for a {@code PUT} it must be the size that was signed
     */
    record SignedRequest(String method, URI uri, Map<String, String> headers) {}
}
