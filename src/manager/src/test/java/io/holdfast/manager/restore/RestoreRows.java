package io.holdfast.manager.restore;

import io.holdfast.manager.sql.Database;

/** What tests of other packages do to the rows of restores. */
public final class RestoreRows {
    private final RestoreTable restores;

    public RestoreRows(Database database) {
        this.restores = new RestoreTable(database);
    }

    public long add(long instance, long backup, long job) {
        return restores.add(instance, backup, job);
    }

    public void skipBroken(long id) {
        restores.skipBroken(id);
    }
}
