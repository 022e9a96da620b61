package io.holdfast.manager.simulation;

import io.holdfast.manager.store.StoreException;
import io.holdfast.protocol.Address;
import io.holdfast.protocol.Assignment;
import io.holdfast.protocol.BorrowedSegments;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.LentSegments;
import io.holdfast.protocol.Phase;
import io.holdfast.protocol.SegmentUploads;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Dumps, uploads and reports. */
final class BackupAttempt extends Attempt {
    private static final int TRIES = 6;

    private final Assignment.Backup assignment;

    BackupAttempt(World world, SimulatedAgent agent, Object process, Assignment.Backup assignment) {
        super(world, agent, process, assignment.jobId(), assignment.epoch());
        this.assignment = assignment;
    }

    @Override
    void work() {
        enter(Phase.DUMPING);
        Dump dump = Dump.draw(world.chance(), assignment, agent.dumped(), lent());
        world.invariants().dumped(job, epoch, dump);
        spend(1, 20);
        if (world.isChaotic() && world.chance().perMille(60)) {
            throw new Stopped(world.chance().oneOf(List.of(FailureCode.DUMP_FAILED, FailureCode.TOOL_MISSING)));
        }
        enter(Phase.DUMPING);
        List<Dump.Segment> left = dump.segments();
        while (!left.isEmpty()) {
            int together = Math.min(left.size(), world.chance().between(1, 3));
            upload(left.subList(0, together));
            left = left.subList(together, left.size());
        }
        if (!dump.borrowed().isEmpty()) {
            BorrowedSegments named = new BorrowedSegments(epoch, dump.borrowed());
            ask("borrowing", manager -> agent.requests().borrow(manager, job, named));
        }
        enter(Phase.COMMITTING);
        ask("completion", manager -> agent.requests().backupComplete(manager, job, dump.result(epoch)));
    }

    private Map<Long, Long> lent() {
        Assignment.Lender lender = assignment.lender();
        if (lender == null) {
            return Map.of();
        }
        Map<Long, Long> lent = new HashMap<>();
        for (long first = 0; first < lender.lines(); first += LentSegments.MOST) {
            LentSegments asked =
                    new LentSegments(epoch, first, (int) Math.min(LentSegments.MOST, lender.lines() - first));
            LentSegments.Answer answer =
                    ask("what is lent", manager -> agent.requests().lent(manager, job, asked));
            ByteBuffer fingerprints = ByteBuffer.wrap(Base64.getDecoder().decode(answer.fingerprints()));
            for (long line = first; fingerprints.hasRemaining(); line++) {
                long fingerprint = fingerprints.getLong();
                if (fingerprint != 0) {
                    lent.putIfAbsent(fingerprint, line);
                }
            }
        }
        return lent;
    }

    private void upload(List<Dump.Segment> segments) {
        List<Dump.Segment> left = segments;
        for (int tries = 0; tries < TRIES; tries++) {
            SegmentUploads wanted = new SegmentUploads(
                    epoch, left.stream().map(Dump.Segment::told).toList());
            List<Address> addresses = ask(
                    "addresses from " + left.getFirst().told().number() + " on",
                    manager -> agent.requests().uploads(manager, job, wanted));
            List<Dump.Segment> failed = new ArrayList<>();
            for (int i = 0; i < left.size(); i++) {
                spend(0, 3);
                if (!sent(addresses.get(i), left.get(i).bytes())) {
                    failed.add(left.get(i));
                }
            }
            if (failed.isEmpty()) {
                return;
            }
            left = failed;
            spend(1, 20);
        }
        throw new Stopped(FailureCode.STORE_FAILED);
    }

    private boolean sent(Address address, byte[] content) {
        if (world.network().isCut(agent.name(), "store") || world.network().loses()) {
            return false;
        }
        try {
            world.store().send(URI.create(address.url()), content);
            return true;
        } catch (StoreException e) {
            world.trace().add(agent.name(), "the store refuses a segment: " + e.getMessage());
            return false;
        }
    }
}
