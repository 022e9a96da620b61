package io.holdfast.agent.work;

import io.holdfast.agent.adapter.Dump;
import io.holdfast.agent.attempt.Attempt;
import io.holdfast.agent.attempt.BackupId;
import io.holdfast.agent.attempt.CrashPoint;
import io.holdfast.agent.attempt.Progress;
import io.holdfast.agent.transfer.PartUploads;
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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** One attempt at a backup. */
final class BackupRun {
    private static final Duration COMPLETION_PATIENCE = Duration.ofMinutes(10);
    private static final int MOST_ON_THEIR_WAY = 2;

    private final AgentContext context;
    private final Assignment.Backup order;
    private final Attempt attempt;
    private final Progress progress;
    private final ArtifactWriter writer;
    private final PartUploads uploads;

    BackupRun(AgentContext context, Assignment.Backup order, Attempt attempt) {
        this.context = context;
        this.order = order;
        this.attempt = attempt;
        this.progress = attempt.progress();
        this.writer = new ArtifactWriter(
                order.recipients().stream().map(BackupRun::recipient).toList(),
                new Settings(
                        context.pipeline().compressionLevel(),
                        context.pipeline().workers(),
                        order.segmentBytes()),
                context.random());
        this.uploads = new PartUploads(context.manager(), context.store(), attempt, context.random());
    }

    /** The whole of it. */
    void run() throws IOException, InterruptedException {
        context.duty().requireForBackup(attempt.stop());
        Dump dump = context.adapter().dump(new BackupId(order.backupId()), attempt);
        progress.estimate(dump.estimatedBytes());
        progress.enter(Phase.DUMPING);
        List<BackupResult.Artifact> artifacts = upload(dump.artifacts());
        attempt.stop().check();
        progress.enter(Phase.COMMITTING);
        attempt.reached(CrashPoint.BEFORE_BACKUP_COMPLETE);
        BackupResult result = new BackupResult(
                attempt.id().epoch(), dump.engineVersion(), artifacts, dump.facts(), Brief.sentences(dump.notes()));
        context.manager().backupComplete(attempt.id().job(), result, COMPLETION_PATIENCE);
        attempt.reached(CrashPoint.AFTER_BACKUP_COMPLETE);
    }

    /** One after the other; while one is dumped, the last parts of the one before are still on their way. */
    private List<BackupResult.Artifact> upload(List<Dump.Artifact> artifacts) throws IOException, InterruptedException {
        List<BackupResult.Artifact> arrived = new ArrayList<>();
        Deque<Written> onTheirWay = new ArrayDeque<>();
        try {
            for (Dump.Artifact artifact : artifacts) {
                progress.at(artifact.source());
                onTheirWay.add(write(artifact));
                if (onTheirWay.size() > MOST_ON_THEIR_WAY) {
                    arrived.add(awaitFirst(onTheirWay));
                }
            }
            while (!onTheirWay.isEmpty()) {
                arrived.add(awaitFirst(onTheirWay));
            }
            return arrived;
        } finally {
            onTheirWay.forEach(each -> each.upload.abandon());
        }
    }

    private static BackupResult.Artifact awaitFirst(Deque<Written> onTheirWay) throws IOException {
        Written first = onTheirWay.getFirst();
        BackupResult.Artifact arrived = first.upload.await(first.summary);
        onTheirWay.removeFirst();
        return arrived;
    }

    /** An artifact of which all bytes have been given to its upload. */
    private record Written(ArtifactUpload upload, ArtifactSummary summary) {}

    /** Dumps, compresses, encrypts and uploads one stream, all at the same time. */
    private Written write(Dump.Artifact artifact) throws IOException, InterruptedException {
        ArtifactUpload upload =
                new ArtifactUpload(artifact, uploads, context.pipeline().buffers());
        try (InputStream dump = artifact.open()) {
            return new Written(upload, writer.write(new CountedInput(dump, progress), upload));
        } catch (IOException | InterruptedException | RuntimeException | Error e) {
            upload.abandon();
            throw e;
        }
    }

    private static X25519Recipient recipient(String text) {
        try {
            return X25519Recipient.parse(text);
        } catch (IOException e) {
            throw new IllegalArgumentException("the manager sent a recipient that cannot be used", e);
        }
    }
}
