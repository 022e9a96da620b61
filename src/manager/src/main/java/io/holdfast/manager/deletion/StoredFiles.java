package io.holdfast.manager.deletion;

import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.Store;

/** What the store has of a backup, beside its manifest. */
final class StoredFiles {
    private StoredFiles() {}

    /** Removes all of it; what the backup's own attempts have brought. Repeatable. */
    static void removeAll(Store store, String instanceFolder, String backupId) {
        store.list(StoreLayout.backup(instanceFolder, backupId), each -> store.delete(each.key()));
        store.list(StoreLayout.segments(instanceFolder, backupId), each -> store.delete(each.key()));
    }
}
