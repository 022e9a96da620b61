package io.holdfast.manager.catalogue;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.manager.sql.Database;

/** What tests of other packages do to backups as a comparison with the store does. */
public final class ComparedRows {
    private final ComparedBackupTable backups;

    public ComparedRows(Database database) {
        this.backups = new ComparedBackupTable(database);
    }

    public long adopt(long instance, Manifest manifest, String text) {
        return backups.adopt(instance, manifest, text);
    }

    public void markGone(long id) {
        backups.markGone(id);
    }
}
