package io.holdfast.manager.publishing;

import io.holdfast.format.segment.Fingerprint;
import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentName;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.NotedSegment;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.Store.StoredObject;
import io.holdfast.protocol.BorrowedSegments;
import io.holdfast.protocol.LentSegments;
import io.holdfast.protocol.SegmentUploads.Segment;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What earlier attempts of a backup's job have brought. They were given addresses for it; a listing says what of that is stored.
 * Its content is proven at the commit, as that of all that the last attempt brings itself.
 */
final class EarlierAttempts {
    private static final int PAGE = 1000;

    private final AttemptSegmentTable segments;
    private final Store store;

    EarlierAttempts(AttemptSegments segments, Store store) {
        this.segments = segments.table;
        this.store = store;
    }

    /**
     * Writes by what those are recognized that the store has.
     *
     * @param folder the instance's, in the store
     * @param answer takes {@link LentSegments#BYTES} bytes for each line, and has zeros
     */
    void write(String folder, Backup backup, Lent.Earlier attempt, LentSegments asked, ByteBuffer answer) {
        int first = (int) (asked.first() - attempt.first());
        int behind = first + asked.count();
        Map<String, Long> sizes = sizes(folder, name(backup, attempt, first), name(backup, attempt, behind - 1));
        int next = first;
        while (next < behind) {
            List<Segment> page = segments.from(backup.job().id(), attempt.attempt(), next, PAGE);
            for (Segment each : page) {
                Long size = sizes.get(StoreLayout.segment(folder, name(backup, attempt, each.number())));
                if (each.number() < behind && size != null && size == each.bytes()) {
                    answer.putLong(
                            (each.number() - first) * LentSegments.BYTES, new Fingerprint(each.fingerprint()).prefix());
                }
            }
            next = page.size() < PAGE ? behind : page.getLast().number() + 1;
        }
    }

    private static SegmentName name(Backup backup, Lent.Earlier attempt, int number) {
        return new SegmentName(backup.backupId(), attempt.attempt(), number);
    }

    /** Ends a listing. */
    private static final class Enough extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Enough() {
            super("enough", null, false, false);
        }
    }

    /** The sizes of what is stored, in bytes, from one segment to another; without what is in an archive. */
    private Map<String, Long> sizes(String folder, SegmentName from, SegmentName to) {
        Map<String, Long> sizes = new HashMap<>();
        String first = StoreLayout.segment(folder, from);
        String last = StoreLayout.segment(folder, to);
        // Right before the first one.
        String after = first.substring(0, first.length() - 1);
        try {
            store.list(StoreLayout.segments(folder, from.backupId()), after, (StoredObject each) -> {
                if (each.key().compareTo(last) > 0) {
                    throw new Enough();
                }
                if (!each.archived()) {
                    sizes.put(each.key(), each.size());
                }
            });
        } catch (Enough e) {
            // What comes behind the last one was not asked for.
        }
        return sizes;
    }

    /**
     * One of them, to be borrowed.
     *
     * @throws OutOfBounds when there is none
     */
    BorrowedTable.Borrowed borrowed(Backup backup, Lent.Earlier attempt, BorrowedSegments.Segment named) {
        Segment segment = segments.find(backup.job().id(), attempt.attempt(), named.line() - attempt.first())
                .orElseThrow(() -> OutOfBounds.segment("line " + named.line() + " stands for no segment"));
        SegmentLine line = NotedSegment.line(
                named.artifact(),
                segment.fingerprint(),
                segment.bytes(),
                segment.sha256(),
                segment.share(),
                segment.body(),
                name(backup, attempt, segment.number()));
        return new BorrowedTable.Borrowed(named.artifact(), named.position(), line, segment.md5());
    }
}
