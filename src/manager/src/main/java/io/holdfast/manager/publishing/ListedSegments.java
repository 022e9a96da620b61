package io.holdfast.manager.publishing;

import io.holdfast.format.segment.SegmentName;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.Store.StoredObject;
import io.holdfast.manager.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Compares a listing with the segments that should be in it, both in the order of their names. What the listing says something
 * odd of, or lacks, is read. For one folder, and one thread.
 */
final class ListedSegments {
    /** So many at most are in memory until they are looked at. */
    private static final int MOST_DOUBTED = 1000;

    private final Store store;
    private final String folder;
    private final AtOnce atOnce;
    private final BooleanSupplier checksMd5;
    private final Pages pages;
    private final Deque<Expected> page = new ArrayDeque<>();
    /** Those that the listing says something odd of, and that were not read again yet. */
    private final Set<Expected> doubtful = new LinkedHashSet<>();

    private @Nullable Expected last;
    private boolean md5IsTold = true;

    /**
     * An object that should be there.
     *
     * @param md5 in base64; null of one whose content was proven before
     */
    record Expected(
            SegmentName name,
            int bytes,
            String sha256,
            @Nullable String md5) {}

    /** Gives what should be there, some at a time, in the order of their names. */
    interface Pages {
        /** Some behind the last one of the page before; empty at the end. */
        List<Expected> behind(@Nullable Expected last);
    }

    /** An object is not what it should be. Ends a listing, so it is unchecked. */
    static final class Different extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient SegmentName segment;
        private final boolean damaged;

        Different(SegmentName segment, boolean damaged, String message) {
            super(message, null, false, false);
            this.segment = segment;
            this.damaged = damaged;
        }

        /** Whether it is not there, or not as it was. */
        boolean isDamaged() {
            return damaged;
        }

        /** Which one. */
        SegmentName segment() {
            return segment;
        }
    }

    /**
     * Makes it.
     *
     * @param folder the instance's, in the store
     */
    ListedSegments(Store store, String folder, AtOnce atOnce, BooleanSupplier checksMd5, Pages pages) {
        this.store = store;
        this.folder = folder;
        this.atOnce = atOnce;
        this.checksMd5 = checksMd5;
        this.pages = pages;
    }

    /**
     * Looks whether what should be there is listed.
     *
     * @param backupId in whose folder it is
     * @throws Different when it is found that something is not
     */
    void compare(String backupId) {
        store.list(StoreLayout.segments(folder, backupId), this::next);
        // A listing may lack an object that is there: what it lacks is asked for by its name.
        for (Expected each = first(); each != null; each = first()) {
            page.remove();
            doubt(each);
        }
    }

    private @Nullable Expected first() {
        if (page.isEmpty()) {
            page.addAll(pages.behind(last));
            last = page.peekLast() == null ? last : page.peekLast();
        }
        return page.peek();
    }

    private String key(Expected each) {
        return StoreLayout.segment(folder, each.name());
    }

    /** The next object of the listing; those that are of no concern are passed over. */
    private void next(StoredObject object) {
        for (Expected each = first(); each != null; each = first()) {
            int order = key(each).compareTo(object.key());
            if (order > 0) {
                return;
            }
            page.remove();
            if (order == 0) {
                look(each, object);
                return;
            }
            doubt(each);
        }
    }

    private void look(Expected each, StoredObject object) {
        if (object.size() != each.bytes()) {
            doubt(each);
            return;
        }
        String md5 = each.md5();
        if (object.archived()) {
            throw new Different(each.name(), false, key(each) + " is in an archive of the store, which cannot be read");
        }
        if (md5 == null || (object.md5() != null && object.md5().equals(hex(md5)))) {
            return;
        }
        if (!checksMd5.getAsBoolean()) {
            doubt(each);
        } else if (object.md5() != null && md5IsTold) {
            // Where the store encrypts, it may call something else an MD5: then it says so of each object.
            md5IsTold = false;
            doubt(each);
        }
    }

    private static String hex(String base64) {
        return HexFormat.of().formatHex(Base64.getDecoder().decode(base64));
    }

    /** Has an object read at the next {@link #readAgain}, or before. */
    void doubt(Expected each) {
        doubtful.add(each);
        if (doubtful.size() == MOST_DOUBTED) {
            readAgain();
        }
    }

    /**
     * Reads all that is doubtful.
     *
     * @throws Different when one is not what it should be
     */
    void readAgain() {
        try {
            atOnce.forEach(List.copyOf(doubtful), this::requireSame);
            doubtful.clear();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException(StoreException.Kind.PASSING, "the manager stops", e);
        }
    }

    private void requireSame(Expected expected) {
        String object = key(expected);
        long stored = store.head(object)
                .orElseThrow(
                        () -> new Different(expected.name(), true, object + " is not in the store after its upload"))
                .size();
        if (stored != expected.bytes()) {
            throw new Different(
                    expected.name(),
                    true,
                    object + " has " + stored + " bytes in the store instead of " + expected.bytes());
        }
        try (InputStream in = store.read(object, 0, expected.bytes())) {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[64 * 1024];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                sha256.update(buffer, 0, read);
            }
            if (!HexFormat.of().formatHex(sha256.digest()).equals(expected.sha256())) {
                throw new Different(expected.name(), true, object + " has different content when it is read again");
            }
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new StoreException(StoreException.Kind.PASSING, object + " could not be read again", e);
        }
    }
}
