package io.holdfast.manager.publishing;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.segment.Bringer;
import io.holdfast.format.segment.SegmentLine;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * Says which of a backup's segments may still be borrowed: each is brought again after some days, so that no old damage lives for
 * ever. Which day that is depends on what is in the segment, so that it is another one for each, and about as many copies are
 * due each day.
 *
 * <p>In long lists neighbours are due together: else the numbers that a manifest names would fall into as many runs as there are
 * segments. Such a group begins where a fingerprint says so, and with each page. Is asked about each line of a page, in order;
 * not for several threads.
 */
final class Freshness {
    /** So many groups there are about in a long list. */
    private static final long GROUPS = 4096;

    private static final long SECONDS_OF_A_DAY = 86_400;

    private final int days;
    private final long today;
    private final long together;
    private final Map<Bringer, Long> made = new HashMap<>();
    private long group;
    private boolean begun;

    /**
     * Of this backup.
     *
     * @param days after how many a segment is brought again, at the latest; at least 1
     */
    Freshness(Manifest manifest, int days, Instant now) {
        this.days = days;
        this.today = day(now);
        this.together =
                Long.highestOneBit(Math.max(1, manifest.segments().list().lines() / GROUPS));
        for (Manifest.Brought each : manifest.segments().brought()) {
            made.put(each.bringer(), day(each.madeAt()));
        }
    }

    /** Whether the next line of a page may be borrowed. One that the manifest does not know may not. */
    boolean isFresh(SegmentLine line) {
        long fingerprint = line.fingerprint().prefix();
        if (!begun || Long.remainderUnsigned(fingerprint, together) == 0) {
            begun = true;
            // The lowest bits are those that have said that a group begins.
            group = Long.divideUnsigned(fingerprint, together);
        }
        Long on = made.get(line.name().bringer());
        return on != null && on <= today && today < due(on);
    }

    /** The first day after the one that a copy was made on with (day + group) mod days = 0. */
    private long due(long on) {
        long next = on + 1;
        return next + Math.floorMod(-(next + Long.remainderUnsigned(group, days)), (long) days);
    }

    private static long day(Instant time) {
        return Math.floorDiv(time.getEpochSecond(), SECONDS_OF_A_DAY);
    }
}
