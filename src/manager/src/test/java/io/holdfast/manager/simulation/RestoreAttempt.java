package io.holdfast.manager.simulation;

import io.holdfast.format.age.FileKey;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.manifest.SignedManifest;
import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentList;
import io.holdfast.format.segment.SegmentOpener;
import io.holdfast.format.segment.SegmentSecret;
import io.holdfast.format.signed.SignedFileException;
import io.holdfast.manager.simulation.SimulatedAgent.Journal;
import io.holdfast.manager.store.StoreException;
import io.holdfast.protocol.Assignment;
import io.holdfast.protocol.CutOver;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Phase;
import io.holdfast.protocol.SegmentDownloads;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Fetches and checks all of a backup, asks whether it may replace live data, does so, and reports. */
final class RestoreAttempt extends Attempt {
    private static final int TRIES = 6;
    private static final int LARGEST = 1024;

    private final Assignment.Restore assignment;

    RestoreAttempt(World world, SimulatedAgent agent, Object process, Assignment.Restore assignment) {
        super(world, agent, process, assignment.jobId(), assignment.epoch());
        this.assignment = assignment;
    }

    @Override
    void work() {
        Journal left = agent.journal();
        if (left != null && left.job() == job) {
            agent.note(new Journal(job, epoch, left.swapped()));
            replace();
            return;
        }
        enter(Phase.STAGING);
        Manifest manifest = manifest();
        long line = 0;
        for (Manifest.Artifact artifact : manifest.artifacts()) {
            ByteArrayOutputStream plaintext = new ByteArrayOutputStream();
            for (long end = line + artifact.segments(); line < end; ) {
                line += read(
                        artifact,
                        line,
                        (int) Math.min(end - line, world.chance().between(1, 3)),
                        plaintext);
            }
            world.invariants().staged(assignment.backupId(), artifact.name(), plaintext.toByteArray());
        }
        spend(1, 30);
        agent.note(new Journal(job, epoch, false));
        replace();
    }

    private void replace() {
        if (ask("cut-over", manager -> agent.requests().cutOver(manager, job, epoch)) == CutOver.Leave.CANCELLED) {
            agent.note(null);
            throw new Stopped(FailureCode.CANCELLED);
        }
        enter(Phase.VALIDATING);
        world.invariants().swapped(job, agent.name());
        agent.swap(job);
        agent.note(new Journal(job, epoch, true));
        world.coroutines().sleep(world.chance().seconds(1, 60));
        ask("restore's completion", manager -> agent.requests().restoreComplete(manager, job, epoch));
        agent.note(null);
    }

    @Override
    void fenced() {
        Journal left = agent.journal();
        if (left != null && left.job() == job && left.epoch() == epoch && !left.swapped()) {
            agent.note(null);
        }
    }

    private Manifest manifest() {
        try {
            return SignedManifest.parse(assignment.manifest().getBytes(StandardCharsets.UTF_8))
                    .manifest();
        } catch (SignedFileException e) {
            throw new Stopped(FailureCode.CORRUPT);
        }
    }

    /** Reads some segments of an artifact. Returns how many. */
    private int read(Manifest.Artifact artifact, long first, int count, ByteArrayOutputStream plaintext) {
        SegmentDownloads.Answer page = ask(
                "segments from " + first + " on",
                manager -> agent.requests().downloads(manager, job, new SegmentDownloads(epoch, first, count)));
        if (page.segments().size() != count) {
            throw new Stopped(FailureCode.CORRUPT);
        }
        byte[] target = new byte[LARGEST];
        for (int i = 0; i < count; i++) {
            SegmentDownloads.Segment segment = page.segments().get(i);
            byte[] object = fetch(segment, first + i);
            try {
                SegmentLine line = SegmentList.parse(segment.line());
                String secret = page.segmentSecret();
                SegmentOpener opener = new SegmentOpener(secret == null ? null : SegmentSecret.of(decoded(secret)));
                int length = opener.open(object, object.length, line, FileKey.of(decoded(segment.key())), target);
                if (!line.artifact().equals(artifact.name())) {
                    throw new Stopped(FailureCode.CORRUPT);
                }
                plaintext.write(target, 0, length);
            } catch (IOException e) {
                throw new Stopped(FailureCode.CORRUPT);
            }
        }
        return count;
    }

    private static byte[] decoded(String base64) {
        return Base64.getDecoder().decode(base64);
    }

    private byte[] fetch(SegmentDownloads.Segment known, long number) {
        SegmentDownloads.Segment segment = known;
        for (int tries = 0; tries < TRIES; tries++) {
            spend(0, 5);
            if (!world.network().isCut(agent.name(), "store")
                    && !world.network().loses()) {
                try {
                    return world.plainStore().fetch(URI.create(segment.address().url()));
                } catch (StoreException e) {
                    if (e.kind() == StoreException.Kind.NOT_FOUND) {
                        throw new Stopped(FailureCode.CORRUPT);
                    }
                }
            }
            spend(1, 20);
            segment = ask(
                            "segment " + number,
                            manager -> agent.requests().downloads(manager, job, new SegmentDownloads(epoch, number, 1)))
                    .segments()
                    .getFirst();
        }
        throw new Stopped(FailureCode.STORE_FAILED);
    }
}
