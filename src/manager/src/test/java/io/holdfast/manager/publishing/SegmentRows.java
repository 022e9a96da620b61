package io.holdfast.manager.publishing;

import io.holdfast.manager.sql.Database;
import io.holdfast.protocol.SegmentUploads;
import java.util.List;

/** What tests of other packages do to the rows of what attempts have brought. */
public final class SegmentRows {
    private final AttemptSegmentTable segments;

    public SegmentRows(Database database) {
        this.segments = new AttemptSegmentTable(database);
    }

    /** Notes a segment of an attempt. False when that is not live. */
    public boolean add(long instance, long job, int epoch) {
        return segments.add(
                instance,
                job,
                new SegmentUploads(
                        epoch,
                        List.of(new SegmentUploads.Segment(
                                0,
                                "app",
                                0,
                                "0".repeat(64),
                                1,
                                "0".repeat(64),
                                "A".repeat(22) + "==",
                                "A".repeat(43),
                                "A".repeat(43)))));
    }
}
