package io.holdfast.manager.publishing;

import io.holdfast.format.segment.SegmentName;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.StoreException;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.SegmentUploads.Segment;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Proves that the store has what a backup's segments are: each that its attempt was given an address for, with its size and its
 * content, and each that it has borrowed. Whether the content of what was brought is right a store's own check of the MD5 has
 * shown, or the MD5 that the store tells; where it does neither, each segment is read again, and the first and the last one
 * always. Of those that are borrowed some at random are read; what earlier attempts of the same job have brought is proven like what
 * this one has, and the rest was proven before.
 */
final class SegmentProof {
    private static final int PAGE = 1000;
    private static final int MOST_AT_ONCE = 4;
    private static final int BORROWED_READ = 3;

    private final AttemptSegmentTable segments;
    private final BorrowedTable borrowed;
    private final Store store;
    private final BooleanSupplier checksMd5;
    private final AtOnce atOnce;
    private final RandomGenerator random;

    /**
     * Makes it.
     *
     * @param checksMd5 whether the store is known to take nothing with another MD5 than its address was signed for
     * @param random says which of the borrowed ones are read
     */
    SegmentProof(
            AttemptSegments segments,
            Store store,
            BooleanSupplier checksMd5,
            Executor helpers,
            RandomGenerator random) {
        this.segments = segments.table;
        this.borrowed = segments.borrowed;
        this.store = store;
        this.checksMd5 = checksMd5;
        this.atOnce = new AtOnce(helpers, MOST_AT_ONCE);
        this.random = random;
    }

    /** What is stored is not what was sent, or what was borrowed. */
    static final class Mismatch extends Exception {
        private final transient @Nullable SegmentName lent;

        Mismatch(String message) {
            this(message, null);
        }

        private Mismatch(String message, @Nullable SegmentName lent) {
            super(message);
            this.lent = lent;
        }

        /** The object of another backup that is not there, or not as it was; null when there is none. */
        @Nullable SegmentName lent() {
            return lent;
        }
    }

    /**
     * Proves all segments of an attempt. Repeatable.
     *
     * @param folder the instance's, in the store
     * @return the size of all that it has brought, in bytes
     * @throws Mismatch when the store has something else
     * @throws StoreException when it cannot be used now
     */
    long prove(String folder, String backupId, long job, BackupResult result) throws Mismatch {
        AttemptSegmentTable.Total total = requireAll(job, result);
        if (total.segments() > 0) {
            proveBrought(folder, backupId, job, result.epoch(), total);
        }
        try {
            proveBorrowed(folder, job, result.epoch());
        } catch (ListedSegments.Different e) {
            boolean lent = e.isDamaged() && !e.segment().backupId().equals(backupId);
            throw new Mismatch("borrowed: " + e.getMessage(), lent ? e.segment() : null);
        }
        return total.bytes();
    }

    private void proveBrought(String folder, String backupId, long job, int epoch, AttemptSegmentTable.Total total)
            throws Mismatch {
        ListedSegments listed = new ListedSegments(store, folder, atOnce, checksMd5, last -> {
            int from = last == null ? 0 : last.name().number() + 1;
            return segments.from(job, epoch, from, PAGE).stream()
                    .map(each -> expected(backupId, epoch, each))
                    .toList();
        });
        try {
            listed.compare(backupId);
            segments.from(job, epoch, 0, 1).forEach(each -> listed.doubt(expected(backupId, epoch, each)));
            segments.from(job, epoch, total.last(), 1).forEach(each -> listed.doubt(expected(backupId, epoch, each)));
            listed.readAgain();
        } catch (ListedSegments.Different e) {
            throw new Mismatch(String.valueOf(e.getMessage()));
        }
    }

    private static ListedSegments.Expected expected(String backupId, int epoch, Segment segment) {
        return new ListedSegments.Expected(
                new SegmentName(backupId, epoch, segment.number()), segment.bytes(), segment.sha256(), segment.md5());
    }

    private void proveBorrowed(String folder, long job, int epoch) {
        for (String from : borrowed.folders(job, epoch)) {
            ListedSegments listed = new ListedSegments(store, folder, atOnce, checksMd5, last -> {
                int attempt = last == null ? 0 : last.name().attempt();
                int number = last == null ? -1 : last.name().number();
                return borrowed.behind(job, epoch, from, attempt, number, PAGE).stream()
                        .map(SegmentProof::expected)
                        .toList();
            });
            listed.compare(from);
            listed.readAgain();
        }
        long count = borrowed.count(job, epoch);
        ListedSegments some = new ListedSegments(store, folder, atOnce, checksMd5, _ -> List.of());
        for (int i = 0; i < Math.min(BORROWED_READ, count); i++) {
            borrowed.one(job, epoch, random.nextLong(count)).forEach(each -> some.doubt(expected(each)));
        }
        some.readAgain();
    }

    private static ListedSegments.Expected expected(BorrowedTable.Borrowing each) {
        return new ListedSegments.Expected(each.name(), each.bytes(), each.sha256(), each.md5());
    }

    /** What is reported is what addresses were given for, or what was borrowed, without a gap. */
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
}
