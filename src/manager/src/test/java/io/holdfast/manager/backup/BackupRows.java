package io.holdfast.manager.backup;

import io.holdfast.manager.jobs.JobKind;
import io.holdfast.manager.jobs.JobRows;
import io.holdfast.manager.sql.Database;
import io.holdfast.protocol.SegmentUploads;
import java.util.List;

/** What tests of other packages do to the rows of backups and uploads. */
public final class BackupRows {
    private final JobRows jobs;
    private final BackupTable backups;
    private final AttemptSegmentTable segments;

    public BackupRows(Database database) {
        this.jobs = new JobRows(database);
        this.backups = new BackupTable(database);
        this.segments = new AttemptSegmentTable(database);
    }

    /** Adds a backup with its job. */
    public long add(long instance, String name) {
        return backups.add(instance, jobs.add(instance, JobKind.BACKUP), name);
    }

    public long sequence(long id) {
        return backups.sequence(id);
    }

    /** Notes a segment of an attempt. False when that is not live. */
    public boolean addSegment(long instance, long job, int epoch) {
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
