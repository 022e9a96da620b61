package io.holdfast.manager.simulation;

import io.holdfast.format.age.FileKey;
import io.holdfast.format.artifact.ArtifactReader;
import io.holdfast.format.artifact.SegmentSource;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.manifest.SignedManifest;
import io.holdfast.format.signed.SignedFileException;
import io.holdfast.manager.simulation.SimulatedAgent.Journal;
import io.holdfast.manager.store.StoreException;
import io.holdfast.manager.verification.StoredBackups.SegmentKey;
import io.holdfast.protocol.Assignment;
import io.holdfast.protocol.CutOver;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Phase;
import io.holdfast.protocol.SegmentDownload;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Fetches and checks all of a backup, asks whether it may replace live data, does so, and reports. */
final class RestoreAttempt extends Attempt {
    private static final int TRIES = 6;

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
        List<SegmentKey> keys = ask("file keys", manager -> agent.requests().fileKeys(manager, job, epoch));
        for (Manifest.Artifact artifact : manifest.artifacts()) {
            List<SegmentSource> segments = new ArrayList<>();
            for (SegmentKey key : keys) {
                if (key.artifact().equals(artifact.name())) {
                    Manifest.Segment segment = artifact.segments().get(key.segment());
                    segments.add(new Fetched(
                            new ByteArrayInputStream(fetch(key)), key.key(), segment.bytes(), segment.sha256()));
                }
            }
            try (InputStream in = ArtifactReader.open(segments)) {
                world.invariants().staged(assignment.backupId(), artifact.name(), in.readAllBytes());
            } catch (IOException e) {
                throw new Stopped(FailureCode.CORRUPT);
            }
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

    private byte[] fetch(SegmentKey key) {
        for (int tries = 0; tries < TRIES; tries++) {
            SegmentDownload.Address address = ask(
                    "address",
                    manager -> agent.requests()
                            .download(manager, job, new SegmentDownload(epoch, key.artifact(), key.segment())));
            spend(0, 5);
            if (!world.network().isCut(agent.name(), "store")
                    && !world.network().loses()) {
                try {
                    return world.plainStore().fetch(URI.create(address.url()));
                } catch (StoreException e) {
                    if (e.kind() == StoreException.Kind.NOT_FOUND) {
                        throw new Stopped(FailureCode.CORRUPT);
                    }
                }
            }
            spend(1, 20);
        }
        throw new Stopped(FailureCode.STORE_FAILED);
    }

    private record Fetched(InputStream open, FileKey key, long bytes, String sha256) implements SegmentSource {}
}
