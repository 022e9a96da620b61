package io.holdfast.manager.backup;

import io.holdfast.manager.jobs.JobKind;
import io.holdfast.manager.jobs.JobRows;
import io.holdfast.manager.sql.Database;

/** What tests of other packages do to the rows of backups. */
public final class BackupRows {
    private final JobRows jobs;
    private final BackupTable backups;

    public BackupRows(Database database) {
        this.jobs = new JobRows(database);
        this.backups = new BackupTable(database);
    }

    /** Adds a backup with its job. */
    public long add(long instance, String name) {
        return backups.add(instance, jobs.add(instance, JobKind.BACKUP), name, false);
    }

    public long sequence(long id) {
        return backups.sequence(id);
    }
}
