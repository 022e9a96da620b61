package io.holdfast.agent.standin;

import io.holdfast.format.segment.SegmentLine;
import io.holdfast.protocol.Assignment;
import io.holdfast.protocol.BorrowedSegments;
import io.holdfast.protocol.LentSegments;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What the stand-in for the manager lends, and what it was told is borrowed. It can misbehave on request. */
public final class StandInLending {
    private static final long FLIPPED = 1L << 63;

    private final List<LentSegments> lentCalls = Collections.synchronizedList(new ArrayList<>());
    private final List<Integer> borrowedCalls = Collections.synchronizedList(new ArrayList<>());
    private final Set<Long> withheld = ConcurrentHashMap.newKeySet();
    private final Set<Long> wrong = ConcurrentHashMap.newKeySet();
    private final Map<String, Integer> failing = new ConcurrentHashMap<>();

    StandInLending() {}

    /** The pages that were asked for. */
    public List<LentSegments> lentCalls() {
        return List.copyOf(lentCalls);
    }

    /** How many segments each call had that said what is borrowed. */
    public List<Integer> borrowedCalls() {
        return List.copyOf(borrowedCalls);
    }

    /** From now on this line must not be named. */
    public void withhold(long line) {
        withheld.add(line);
    }

    /** From now on it says that this line begins otherwise. */
    public void giveWrong(long line) {
        wrong.add(line);
    }

    /** From now on a call, {@code lent} or {@code borrowed}, is refused with this status; as fenced when it is 409. */
    public void fail(String call, int status) {
        failing.put(call, status);
    }

    OptionalInt failure(String call) {
        Integer status = failing.get(call);
        return status == null ? OptionalInt.empty() : OptionalInt.of(status);
    }

    Assignment.Lender lender(String backupId, StandInBackup backup) {
        return new Assignment.Lender(
                backupId,
                backup.lines().size(),
                backup.result().artifacts().stream()
                        .map(artifact -> new Assignment.LenderArtifact(
                                artifact.name(), artifact.plaintextBytes(), artifact.meanBytes()))
                        .toList());
    }

    LentSegments asked(LentSegments wish) {
        lentCalls.add(wish);
        return wish;
    }

    BorrowedSegments told(BorrowedSegments segments) {
        borrowedCalls.add(segments.segments().size());
        return segments;
    }

    LentSegments.Answer lent(StandInBackup lender, LentSegments wish) {
        ByteBuffer page = ByteBuffer.allocate(wish.count() * LentSegments.BYTES);
        for (long line = wish.first(); line < wish.first() + wish.count(); line++) {
            if (withheld.contains(line)) {
                page.putLong(0);
            } else {
                byte[] fingerprint = HexFormat.of()
                        .parseHex(lender.lines().get((int) line).fingerprint().hex());
                page.putLong(ByteBuffer.wrap(fingerprint).getLong() ^ (wrong.contains(line) ? FLIPPED : 0));
            }
        }
        return new LentSegments.Answer(Base64.getEncoder().encodeToString(page.array()));
    }

    /** Notes what is borrowed, by its place in the new backup, once it has seen that the lender has it. */
    void borrowed(StandInBackup backup, StandInBackup lender, BorrowedSegments told) {
        if (told.segments().isEmpty() || told.segments().size() > BorrowedSegments.MOST) {
            throw new IllegalArgumentException(
                    "so many are not told: " + told.segments().size());
        }
        for (BorrowedSegments.Segment segment : told.segments()) {
            SegmentLine line = lender.lines().get((int) segment.line());
            if (withheld.contains(segment.line()) || !line.fingerprint().hex().equals(segment.fingerprint())) {
                throw new IllegalArgumentException("not to be named: " + segment);
            }
            backup.borrow(
                    segment.position(),
                    new SegmentLine(
                            segment.artifact(),
                            line.fingerprint(),
                            line.bytes(),
                            line.sha256(),
                            line.key(),
                            line.name()));
        }
    }
}
