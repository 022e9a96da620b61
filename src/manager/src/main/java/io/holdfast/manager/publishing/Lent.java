package io.holdfast.manager.publishing;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.protocol.LentSegments;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a backup's attempt may name instead of bringing it, as lines: first those of the lender's list, then one for each number
 * that the earlier attempts of the same job have used. What each has lent begins a page of its own, see {@link LentSegments}.
 *
 * @param lender its manifest; null when no other backup lends
 * @param earlier the earlier attempts, oldest first
 */
public record Lent(@Nullable Manifest lender, List<Earlier> earlier) {
    /** So many lines of earlier attempts at most, which is more than an agent notes. */
    private static final long MOST_LINES = 1_000_000;

    public Lent {
        earlier = List.copyOf(earlier);
    }

    /**
     * An earlier attempt of the same job.
     *
     * @param attempt which one
     * @param first the line of its segment 0
     * @param count how many lines it has
     */
    public record Earlier(int attempt, long first, int count) {}

    static Lent of(@Nullable Manifest lender, List<AttemptSegmentTable.Last> attempts) {
        List<Earlier> earlier = new ArrayList<>();
        long begin = lender == null ? 0 : lender.segments().list().lines();
        long end = begin;
        for (AttemptSegmentTable.Last each : attempts) {
            long first = Math.ceilDiv(end, LentSegments.MOST) * LentSegments.MOST;
            long count = Math.min(each.last() + 1L, begin + MOST_LINES - first);
            if (count > 0) {
                earlier.add(new Earlier(each.attempt(), first, (int) count));
                end = first + count;
            }
        }
        return new Lent(lender, earlier);
    }

    /** How many there are, with those at the ends of pages that stand for nothing. */
    public long lines() {
        return earlier.isEmpty()
                ? ofLender()
                : earlier.getLast().first() + earlier.getLast().count();
    }

    /** How many of them are the lender's. */
    long ofLender() {
        return lender == null ? 0 : lender.segments().list().lines();
    }

    /** Whose line it is, if an earlier attempt's. */
    Optional<Earlier> earlier(long line) {
        return earlier.stream()
                .filter(each -> line >= each.first() && line < each.first() + each.count())
                .findFirst();
    }
}
