package io.holdfast.agent.work;

import io.holdfast.agent.adapter.Dump;
import io.holdfast.agent.attempt.CrashPoint;
import io.holdfast.agent.attempt.Progress;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.transfer.PartUploads;
import io.holdfast.agent.transfer.SegmentUpload;
import io.holdfast.format.age.X25519Recipient;
import io.holdfast.format.artifact.ArtifactSummary;
import io.holdfast.format.artifact.ArtifactWriter;
import io.holdfast.format.artifact.Settings;
import io.holdfast.protocol.Assignment;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.Phase;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One attempt at a backup. */
final class BackupRun {
    private static final Duration COMPLETION_PATIENCE = Duration.ofMinutes(10);

    private final AgentContext context;
    private final Assignment.Backup order;
    private final StopSignal stop;
    private final Progress progress;
    private final ArtifactWriter writer;
    private final PartUploads uploads;

    BackupRun(AgentContext context, Assignment.Backup order, StopSignal stop, Progress progress) {
        this.context = context;
        this.order = order;
        this.stop = stop;
        this.progress = progress;
        this.writer = new ArtifactWriter(
                order.recipients().stream().map(BackupRun::recipient).toList(),
                new Settings(context.compressionLevel(), context.workers(), order.segmentBytes()),
                context.random());
        this.uploads = new PartUploads(
                context.manager(),
                context.store(),
                order.jobId(),
                order.epoch(),
                stop,
                progress,
                context.crashPoints(),
                context.random());
    }

    /** The whole of it. */
    void run() throws IOException, InterruptedException {
        context.duty().requireForBackup(stop);
        Dump dump = context.adapter().dump(order.backupId(), order.epoch(), stop);
        progress.estimate(dump.estimatedBytes());
        progress.enter(Phase.DUMPING);
        List<BackupResult.Artifact> artifacts = new ArrayList<>();
        for (Dump.Artifact artifact : dump.artifacts()) {
            progress.at(artifact.source());
            artifacts.add(upload(artifact));
        }
        stop.check();
        progress.enter(Phase.COMMITTING);
        context.crashPoints().reached(CrashPoint.BEFORE_BACKUP_COMPLETE);
        BackupResult result = new BackupResult(
                order.epoch(), dump.engineVersion(), artifacts, dump.facts(), Brief.sentences(dump.notes()));
        context.manager().backupComplete(order.jobId(), result, COMPLETION_PATIENCE);
        context.crashPoints().reached(CrashPoint.AFTER_BACKUP_COMPLETE);
    }

    /** Dumps, compresses, encrypts and uploads one stream, all at the same time. */
    private BackupResult.Artifact upload(Dump.Artifact artifact) throws IOException, InterruptedException {
        List<SegmentUpload> segments = new ArrayList<>();
        try (InputStream dump = artifact.open()) {
            ArtifactSummary summary = writer.write(new CountedInput(dump, progress), number -> {
                SegmentUpload segment = new SegmentUpload(uploads, context.buffers(), artifact.name(), number);
                segments.add(segment);
                return segment;
            });
            return new BackupResult.Artifact(
                    artifact.name(),
                    artifact.type(),
                    artifact.source(),
                    summary.plaintextBytes(),
                    segments(summary, segments));
        } finally {
            segments.forEach(SegmentUpload::abandon);
        }
    }

    private static List<BackupResult.Segment> segments(ArtifactSummary summary, List<SegmentUpload> uploaded)
            throws IOException {
        List<BackupResult.Segment> segments = new ArrayList<>();
        for (int i = 0; i < uploaded.size(); i++) {
            segments.add(new BackupResult.Segment(
                    summary.segments().get(i).bytes(),
                    summary.segments().get(i).sha256(),
                    uploaded.get(i).parts()));
        }
        return segments;
    }

    private static X25519Recipient recipient(String text) {
        try {
            return X25519Recipient.parse(text);
        } catch (IOException e) {
            throw new IllegalArgumentException("the manager sent a recipient that cannot be used", e);
        }
    }
}
