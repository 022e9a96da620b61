package io.holdfast.manager.deletion;

import io.holdfast.manager.sql.Database;
import java.time.Duration;

/** What tests of other packages do to the marks of backups that are deleted. */
public final class DeletionRows {
    private final DeletionTable deletions;

    public DeletionRows(Database database) {
        this.deletions = new DeletionTable(database);
    }

    public boolean beginOnRequest(long id) {
        return deletions.beginOnRequest(id);
    }

    public boolean beginOnRetention(long id, int minOthers, boolean verifiedOnly, Duration minAge) {
        return deletions.beginOnRetention(id, minOthers, verifiedOnly, minAge);
    }

    public void markClean(long id) {
        deletions.markClean(id);
    }
}
