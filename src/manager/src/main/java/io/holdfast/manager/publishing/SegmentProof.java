package io.holdfast.manager.publishing;

import io.holdfast.format.segment.SegmentName;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.Store.StoredObject;
import io.holdfast.manager.store.StoreException;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.SegmentUploads.Segment;
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
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Proves that the store has what an attempt has sent: each segment that it was given an address for, with its size and its
 * content. Whether that is the right one a store's own check of the MD5 has shown, or the MD5 that the store tells; where it
 * does neither, each segment is read again, and the first and the last one always.
 */
final class SegmentProof {
    private static final int PAGE = 1000;
    private static final int MOST_AT_ONCE = 4;

    /** So many at most are in memory until they are looked at. */
    private static final int MOST_DOUBTED = 1000;

    private final AttemptSegmentTable segments;
    private final Store store;
    private final BooleanSupplier checksMd5;
    private final AtOnce atOnce;

    /**
     * Makes it.
     *
     * @param checksMd5 whether the store is known to take nothing with another MD5 than its address was signed for
     */
    SegmentProof(AttemptSegments segments, Store store, BooleanSupplier checksMd5, Executor helpers) {
        this.segments = segments.table;
        this.store = store;
        this.checksMd5 = checksMd5;
        this.atOnce = new AtOnce(helpers, MOST_AT_ONCE);
    }

    /** What is stored is not what was sent. */
    static final class Mismatch extends Exception {
        Mismatch(String message) {
            super(message);
        }
    }

    /**
     * Proves all segments of an attempt. Repeatable.
     *
     * @param folder the instance's, in the store
     * @return the size of all of them, in bytes
     * @throws Mismatch when the store has something else
     * @throws StoreException when it cannot be used now
     */
    long prove(String folder, String backupId, long job, BackupResult result) throws Mismatch {
        AttemptSegmentTable.Total total = requireAll(job, result);
        Listed listed = new Listed(folder, backupId, job, result.epoch());
        try {
            store.list(StoreLayout.segments(folder, backupId), listed::next);
            listed.end();
            segments.from(job, result.epoch(), 0, 1).forEach(listed::doubt);
            segments.from(job, result.epoch(), total.last(), 1).forEach(listed::doubt);
            listed.readAgain();
        } catch (Found e) {
            throw e.mismatch;
        }
        return total.bytes();
    }

    /** Ends a listing. */
    private static final class Found extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient Mismatch mismatch;

        Found(Mismatch mismatch) {
            super(mismatch);
            this.mismatch = mismatch;
        }
    }

    private static SegmentName name(String backupId, int epoch, Segment segment) {
        return new SegmentName(backupId, epoch, segment.number());
    }

    /** What is reported is what addresses were given for, without a gap. */
    private AttemptSegmentTable.Total requireAll(long job, BackupResult result) throws Mismatch {
        Map<String, AttemptSegmentTable.Artifact> begun = new TreeMap<>(segments.artifacts(job, result.epoch()).stream()
                .collect(Collectors.toMap(AttemptSegmentTable.Artifact::artifact, each -> each)));
        for (BackupResult.Artifact reported : result.artifacts()) {
            AttemptSegmentTable.Artifact its = begun.remove(reported.name());
            long known = its == null ? 0 : its.segments();
            if (its == null || known != reported.segments() || its.last() != known - 1) {
                throw new Mismatch(reported.name() + " was reported with " + reported.segments() + " segments, but "
                        + known + " were allowed" + (its == null ? "" : ", the last of them segment " + its.last()));
            }
        }
        if (!begun.isEmpty()) {
            throw new Mismatch("segments of " + begun.keySet() + " were allowed, but not reported");
        }
        AttemptSegmentTable.Total total = segments.total(job, result.epoch());
        if (total.last() != total.segments() - 1) {
            throw new Mismatch(
                    "the attempt's segments have gaps: the last one is " + total.last() + " of " + total.segments());
        }
        return total;
    }

    /** Compares a listing with the segments of an attempt, both in the order of their names. */
    private final class Listed {
        private final String folder;
        private final String backupId;
        private final long job;
        private final int epoch;
        private final Deque<Segment> page = new ArrayDeque<>();
        /** Those that the listing says something odd of, and that were not read again yet. */
        private final Set<Segment> doubtful = new LinkedHashSet<>();

        private long asked;
        private boolean md5IsTold = true;

        Listed(String folder, String backupId, long job, int epoch) {
            this.folder = folder;
            this.backupId = backupId;
            this.job = job;
            this.epoch = epoch;
        }

        private @Nullable Segment first() {
            if (page.isEmpty()) {
                page.addAll(segments.from(job, epoch, asked, PAGE));
                asked += page.size();
            }
            return page.peek();
        }

        private String key(Segment segment) {
            return StoreLayout.segment(folder, name(backupId, epoch, segment));
        }

        /** The next object of the listing; those of other attempts are passed over. */
        void next(StoredObject object) {
            for (Segment segment = first(); segment != null; segment = first()) {
                int order = key(segment).compareTo(object.key());
                if (order > 0) {
                    return;
                }
                page.remove();
                if (order == 0) {
                    look(segment, object);
                    return;
                }
                doubt(segment);
            }
        }

        /** A listing may lack an object that is there: what it lacks is asked for by its name. */
        void end() {
            for (Segment segment = first(); segment != null; segment = first()) {
                page.remove();
                doubt(segment);
            }
        }

        void doubt(Segment segment) {
            doubtful.add(segment);
            if (doubtful.size() == MOST_DOUBTED) {
                readAgain();
            }
        }

        void readAgain() {
            try {
                atOnce.forEach(List.copyOf(doubtful), each -> requireSame(key(each), each));
                doubtful.clear();
            } catch (Mismatch e) {
                throw new Found(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StoreException(StoreException.Kind.PASSING, "the manager stops", e);
            }
        }

        private void look(Segment segment, StoredObject object) {
            boolean same = object.md5() != null && object.md5().equals(hex(segment.md5()));
            if (object.size() != segment.bytes()) {
                doubt(segment);
            } else if (!same && !checksMd5.getAsBoolean()) {
                doubt(segment);
            } else if (!same && object.md5() != null && md5IsTold) {
                // Where the store encrypts, it may call something else an MD5: then it says so of each object.
                md5IsTold = false;
                doubt(segment);
            }
        }
    }

    private static String hex(String base64) {
        return HexFormat.of().formatHex(Base64.getDecoder().decode(base64));
    }

    private void requireSame(String object, Segment segment) throws Mismatch {
        long stored = store.head(object)
                .orElseThrow(() -> new Mismatch(object + " is not in the store after its upload"))
                .size();
        if (stored != segment.bytes()) {
            throw new Mismatch(object + " has " + stored + " bytes in the store instead of " + segment.bytes());
        }
        try (InputStream in = store.read(object, 0, segment.bytes())) {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[64 * 1024];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                sha256.update(buffer, 0, read);
            }
            if (!HexFormat.of().formatHex(sha256.digest()).equals(segment.sha256())) {
                throw new Mismatch(object + " has different content when it is read again");
            }
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new StoreException(StoreException.Kind.PASSING, object + " could not be read again", e);
        }
    }
}
