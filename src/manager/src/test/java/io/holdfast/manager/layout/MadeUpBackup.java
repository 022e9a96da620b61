package io.holdfast.manager.layout;

import io.holdfast.format.age.AgeException;
import io.holdfast.format.age.WrappedFileKey;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.segment.Cutter;
import io.holdfast.format.segment.Fingerprint;
import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentList;
import io.holdfast.format.segment.SegmentListWriter;
import io.holdfast.format.segment.SegmentName;
import io.holdfast.format.segment.SegmentSizes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;

/**
 * A backup of one artifact that has one segment of one byte, which nothing opens.
 *
 * @param segment where its segment is
 * @param list the file that lists it
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record MadeUpBackup(SegmentName segment, byte[] list, Manifest.Artifact artifact, Manifest.Segments segments) {
    public static MadeUpBackup of(String backupId) {
        SegmentName name = new SegmentName(backupId, 1, 0);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        SegmentListWriter writer =
                new SegmentListWriter(file, "app".length(), name.path().length());
        try {
            writer.write(new SegmentLine(
                    "app",
                    new Fingerprint("0".repeat(64)),
                    1,
                    "0".repeat(64),
                    WrappedFileKey.parse("A".repeat(43), "A".repeat(43)),
                    name));
            SegmentList list = writer.end();
            return new MadeUpBackup(
                    name,
                    file.toByteArray(),
                    new Manifest.Artifact("app", "stream", "app", 1, 1, SegmentSizes.SMALLEST_MEAN, 1),
                    new Manifest.Segments(
                            Cutter.NAME, list, List.of(new Manifest.Brought(backupId, 1, Instant.EPOCH, "0", 1))));
        } catch (AgeException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
