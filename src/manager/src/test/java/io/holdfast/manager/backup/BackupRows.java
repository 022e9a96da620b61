package io.holdfast.manager.backup;

import io.holdfast.manager.jobs.JobKind;
import io.holdfast.manager.jobs.JobRows;
import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.TestDatabase;

/** What tests of other packages do to the rows of backups. */
public final class BackupRows {
    private final JobRows jobs;
    private final BackupTable backups;
    private final Database database;

    public BackupRows(Database database) {
        this.database = database;
        this.jobs = new JobRows(database);
        this.backups = new BackupTable(database);
    }

    /** Adds a backup with its job. */
    public long add(long instance, String name) {
        return backups.add(instance, jobs.add(instance, JobKind.BACKUP), name, false);
    }

    public void setManifest(long id, String manifest) {
        TestDatabase.run(
                database, "UPDATE backup SET manifest = '" + manifest.replace("'", "''") + "' WHERE id = " + id);
    }

    /** A backup that is being made may name segments of another one. */
    public void setLender(long id, long lender) {
        TestDatabase.run(database, "UPDATE backup SET lender = " + lender + " WHERE id = " + id);
    }

    public long sequence(long id) {
        return backups.sequence(id);
    }
}
