package io.holdfast.manager.backup;

import io.holdfast.manager.jobs.JobKind;
import io.holdfast.manager.jobs.JobRows;
import io.holdfast.manager.sql.Database;
import java.util.Optional;

/** What tests of other packages do to the rows of backups and uploads. */
public final class BackupRows {
    private final JobRows jobs;
    private final BackupTable backups;
    private final UploadTable uploads;

    public BackupRows(Database database) {
        this.jobs = new JobRows(database);
        this.backups = new BackupTable(database);
        this.uploads = new UploadTable(database);
    }

    /** Adds a backup with its job. */
    public long add(long instance, String name) {
        return backups.add(instance, jobs.add(instance, JobKind.BACKUP), name);
    }

    public long sequence(long id) {
        return backups.sequence(id);
    }

    /** Notes an upload of an attempt, if that is live. */
    public Optional<Upload> addUpload(long instance, long job, int epoch) {
        return uploads.add(instance, job, epoch, "app", 0, "key", "upload");
    }
}
