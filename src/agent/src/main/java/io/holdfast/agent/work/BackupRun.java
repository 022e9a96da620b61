package io.holdfast.agent.work;

import io.holdfast.agent.adapter.Dump;
import io.holdfast.agent.attempt.Attempt;
import io.holdfast.agent.attempt.BackupId;
import io.holdfast.agent.attempt.CrashPoint;
import io.holdfast.agent.attempt.Progress;
import io.holdfast.agent.transfer.Borrowings;
import io.holdfast.agent.transfer.Uploads;
import io.holdfast.format.age.X25519Recipient;
import io.holdfast.format.segment.SegmentSecret;
import io.holdfast.format.segment.SegmentSink;
import io.holdfast.format.segment.SegmentSizes;
import io.holdfast.format.segment.SegmentWriter;
import io.holdfast.format.segment.WritingArtifact;
import io.holdfast.format.segment.WrittenArtifact;
import io.holdfast.protocol.Assignment;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.Phase;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;

/** One attempt at a backup. */
final class BackupRun {
    /**
     * What artifacts are cut to at most. Segments of twice the size would take 14 MiB more of memory with the usual settings, and
     * as much in the restore, which is more than there is in an agent of 128 MB.
     */
    private static final SegmentSizes LARGEST = new SegmentSizes(1024 * 1024);

    private static final Duration COMPLETION_PATIENCE = Duration.ofMinutes(10);

    private final AgentContext context;
    private final Assignment.Backup order;
    private final Attempt attempt;
    private final Progress progress;

    BackupRun(AgentContext context, Assignment.Backup order, Attempt attempt) {
        this.context = context;
        this.order = order;
        this.attempt = attempt;
        this.progress = attempt.progress();
    }

    /** The whole of it. */
    void run() throws IOException, InterruptedException {
        context.duty().requireForBackup(attempt.stop());
        try (Borrowings borrowings = new Borrowings(context.manager(), context.store(), attempt)) {
            // Before the service is asked for anything: it may be locked, or keep what it would clean up, while it is
            // dumped.
            if (order.lender() != null) {
                borrowings.learn(order.lender());
            }
            Dump dump = context.adapter().dump(new BackupId(order.backupId()), attempt);
            progress.estimate(dump.estimatedBytes());
            progress.enter(Phase.DUMPING);
            List<BackupResult.Artifact> artifacts = upload(dump, borrowings);
            borrowings.finish();
            attempt.stop().check();
            progress.enter(Phase.COMMITTING);
            attempt.reached(CrashPoint.BEFORE_BACKUP_COMPLETE);
            BackupResult result = new BackupResult(
                    attempt.id().epoch(), dump.engineVersion(), artifacts, dump.facts(), Brief.sentences(dump.notes()));
            context.manager().backupComplete(attempt.id().job(), result, COMPLETION_PATIENCE);
            attempt.reached(CrashPoint.AFTER_BACKUP_COMPLETE);
        }
    }

    /**
     * One after the other; while one is dumped, the last segments of those before are still under way, as many as there is
     * memory for.
     */
    private List<BackupResult.Artifact> upload(Dump dump, Borrowings borrowings)
            throws IOException, InterruptedException {
        ArtifactSizes sizes = new ArtifactSizes(
                LARGEST, order.lender(), dump.estimatedBytes(), dump.artifacts().size());
        Uploads uploads = new Uploads(context.manager(), context.store(), attempt, borrowings, context.random());
        List<BackupResult.Artifact> arrived = new ArrayList<>();
        Deque<Upload> underWay = new ArrayDeque<>();
        try (SegmentWriter writer = writer()) {
            for (Dump.Artifact artifact : dump.artifacts()) {
                progress.at(artifact.source());
                SegmentSizes its = sizes.of(artifact.name());
                underWay.add(
                        new Upload(artifact, its.mean(), write(writer, artifact, its, uploads.of(artifact.name()))));
                while (!underWay.isEmpty() && underWay.getFirst().artifact.isOver()) {
                    arrived.add(underWay.remove().await());
                }
            }
            while (!underWay.isEmpty()) {
                arrived.add(underWay.remove().await());
            }
            return arrived;
        }
    }

    /** Dumps, cuts, compresses, encrypts and uploads one stream, all at the same time, but for what is borrowed. */
    private WritingArtifact write(SegmentWriter writer, Dump.Artifact artifact, SegmentSizes sizes, SegmentSink sink)
            throws IOException, InterruptedException {
        try (InputStream dump = artifact.open()) {
            return writer.write(new CountedInput(dump, progress), sizes, sink);
        }
    }

    /** An artifact of which all was dumped. */
    private record Upload(Dump.Artifact dumped, int meanBytes, WritingArtifact artifact) {
        /** Waits until all of it has arrived, and gives what the manager is to be told of it. */
        BackupResult.Artifact await() throws IOException, InterruptedException {
            WrittenArtifact written = artifact.await();
            return new BackupResult.Artifact(
                    dumped.name(),
                    dumped.type(),
                    dumped.source(),
                    written.plaintextBytes(),
                    meanBytes,
                    written.segments());
        }
    }

    private SegmentWriter writer() {
        return new SegmentWriter(
                SegmentSecret.of(Base64.getDecoder().decode(order.segmentSecret())),
                order.recipients().stream().map(BackupRun::recipient).toList(),
                LARGEST,
                context.pipeline().compressionLevel(),
                context.pipeline().workers(),
                context.pipeline().inFlight(),
                context.random());
    }

    private static X25519Recipient recipient(String text) {
        try {
            return X25519Recipient.parse(text);
        } catch (IOException e) {
            throw new IllegalArgumentException("the manager sent a recipient that cannot be used", e);
        }
    }
}
