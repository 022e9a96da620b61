package io.holdfast.manager.deletion;

import io.holdfast.manager.store.Store.StoredObject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.SortedSet;

/**
 * What one look at a folder found that seems to be garbage. Two that have the same digest found the same objects, and the same
 * manifests that only the store has: what the catalogue lists cannot be missed in a listing, and changes every day.
 */
final class GarbageLook {
    private final MessageDigest names;
    private Instant newest = Instant.MIN;

    /**
     * A look that has found nothing yet.
     *
     * @param fromStore the backups whose manifests were counted because the store has them
     */
    GarbageLook(SortedSet<String> fromStore) {
        try {
            names = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
        fromStore.forEach(this::add);
        add("");
    }

    /** Adds an object, in the order of the names. */
    void add(StoredObject object) {
        add(object.key());
        newest = object.lastModified().isAfter(newest) ? object.lastModified() : newest;
    }

    private void add(String line) {
        names.update((line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    boolean isEmpty() {
        return newest.equals(Instant.MIN);
    }

    /** When the newest of the objects was written. */
    Instant newest() {
        return newest;
    }

    /** Of all that was found; asked for once. */
    String digest() {
        return HexFormat.of().formatHex(names.digest());
    }
}
