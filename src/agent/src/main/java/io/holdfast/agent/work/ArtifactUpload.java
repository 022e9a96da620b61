package io.holdfast.agent.work;

import io.holdfast.agent.adapter.Dump;
import io.holdfast.agent.transfer.PartBuffers;
import io.holdfast.agent.transfer.PartUploads;
import io.holdfast.agent.transfer.SegmentUpload;
import io.holdfast.format.artifact.ArtifactSummary;
import io.holdfast.format.artifact.SegmentSink;
import io.holdfast.protocol.BackupResult;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * One artifact on its way to the store. When all of it is written, its last parts may still be in flight: the next artifact
 * is dumped meanwhile. For one thread.
 */
final class ArtifactUpload implements SegmentSink {
    private final Dump.Artifact artifact;
    private final PartUploads uploads;
    private final PartBuffers buffers;
    private final List<SegmentUpload> segments = new ArrayList<>();

    ArtifactUpload(Dump.Artifact artifact, PartUploads uploads, PartBuffers buffers) {
        this.artifact = artifact;
        this.uploads = uploads;
        this.buffers = buffers;
    }

    @Override
    public OutputStream open(int number) {
        SegmentUpload segment = new SegmentUpload(uploads, buffers, artifact.name(), number);
        segments.add(segment);
        return segment;
    }

    /** Waits until all of it has arrived, and gives what the manager is to be told of it. */
    BackupResult.Artifact await(ArtifactSummary summary) throws IOException {
        List<BackupResult.Segment> arrived = new ArrayList<>();
        for (int i = 0; i < segments.size(); i++) {
            segments.get(i).await();
            arrived.add(new BackupResult.Segment(
                    summary.segments().get(i).bytes(),
                    summary.segments().get(i).sha256(),
                    segments.get(i).parts()));
        }
        return new BackupResult.Artifact(
                artifact.name(), artifact.type(), artifact.source(), summary.plaintextBytes(), arrived);
    }

    /** Stops what is still in flight. Does nothing when all has arrived. */
    void abandon() {
        segments.forEach(SegmentUpload::abandon);
    }
}
