package io.holdfast.manager.publishing;

import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentList;
import io.holdfast.format.segment.SegmentListWriter;
import io.holdfast.format.segment.SegmentName;
import io.holdfast.manager.backup.NotedSegment;
import io.holdfast.manager.store.StoreException;
import io.holdfast.protocol.BackupResult;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The list of a backup's segments, written to a file from what its attempt was given addresses for: the same each time, and
 * never in memory. Deleted when it is closed.
 *
 * @param file where it is
 * @param list what the manifest is to say of it
 */
record BackupList(Path file, SegmentList list) implements AutoCloseable {
    private static final int PAGE = 1000;

    /** Writes one, to a temporary file. */
    static BackupList write(AttemptSegments segments, long job, String backupId, BackupResult result)
            throws SegmentProof.Mismatch {
        try {
            Path file = Files.createTempFile("holdfast-list-", null);
            try {
                return new BackupList(file, write(file, segments, job, backupId, result));
            } catch (IOException | SegmentProof.Mismatch | RuntimeException | Error e) {
                Files.deleteIfExists(file);
                throw e;
            }
        } catch (IOException e) {
            throw new StoreException(
                    StoreException.Kind.PASSING,
                    "the list of the backup's segments cannot be written to a temporary file: " + e.getMessage(),
                    e);
        }
    }

    private static SegmentList write(
            Path file, AttemptSegments segments, long job, String backupId, BackupResult result)
            throws IOException, SegmentProof.Mismatch {
        int longestName = result.artifacts().stream()
                .mapToInt(each -> each.name().length())
                .max()
                .orElse(0);
        int path = Stream.concat(Stream.of(backupId), segments.borrowed.folders(job, result.epoch()).stream())
                .mapToInt(each -> new SegmentName(each, 1, 0).path().length())
                .max()
                .orElseThrow();
        try (SegmentListWriter writer =
                new SegmentListWriter(new BufferedOutputStream(Files.newOutputStream(file)), longestName, path)) {
            for (BackupResult.Artifact artifact : result.artifacts()) {
                long position = 0;
                List<AttemptSegmentTable.Listed> page;
                do {
                    page = segments.table.from(job, result.epoch(), artifact.name(), position, PAGE);
                    for (AttemptSegmentTable.Listed each : page) {
                        if (each.position() != position) {
                            throw new SegmentProof.Mismatch(artifact.name() + " has more than one segment "
                                    + Math.min(position, each.position()) + ", or none");
                        }
                        writer.write(line(artifact.name(), backupId, each));
                        position++;
                    }
                } while (page.size() == PAGE);
                if (position == 0) {
                    throw new IOException("what the attempt has brought is not known any more");
                }
            }
            return writer.end();
        }
    }

    private static SegmentLine line(String artifact, String backupId, AttemptSegmentTable.Listed segment) {
        String folder = segment.fromBackup() == null ? backupId : segment.fromBackup();
        return NotedSegment.line(
                artifact,
                segment.fingerprint(),
                segment.bytes(),
                segment.sha256(),
                segment.share(),
                segment.body(),
                new SegmentName(folder, segment.fromAttempt(), segment.number()));
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // It is in the way of nothing but a little space.
            file.toFile().deleteOnExit();
        }
    }
}
