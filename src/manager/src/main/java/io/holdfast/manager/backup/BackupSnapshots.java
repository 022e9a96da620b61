package io.holdfast.manager.backup;

import io.holdfast.manager.sql.Database;
import io.holdfast.manager.transaction.Transactions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * Backups whose data is a snapshot in the data service's own repository. Only the service can look there, so agents tell
 * what they find, and remove what is not needed.
 */
public final class BackupSnapshots {
    private final Transactions transactions;
    final SnapshotTable table;

    public BackupSnapshots(Database database) {
        this.transactions = database;
        this.table = new SnapshotTable(database);
    }

    /**
     * What differs, all backups by their names in the store.
     *
     * @param unneeded found, and of backups that were deleted or have failed for good: in the words of the agent
     * @param missing good ones whose snapshots are not found any more; they are suspect now
     * @param back those that are found again; they are to be read back
     */
    public record Difference(List<String> unneeded, List<String> missing, List<String> back) {}

    /** An agent has just made the snapshot of a backup. */
    public void noteKept(long backup) {
        table.noteKept(backup);
    }

    /**
     * Compares what an agent finds with the catalogue, and notes it there.
     *
     * @param found names of backups in the store, in lower case
     */
    public Difference compare(long instance, Collection<String> found) {
        Set<String> names = new TreeSet<>(found);
        return transactions.transaction(instance, () -> {
            table.noteLook(instance, null);
            List<String> unneeded = new ArrayList<>();
            List<String> missing = new ArrayList<>();
            List<String> back = new ArrayList<>();
            for (SnapshotTable.Row row : table.rows(instance)) {
                String name = row.backupId().toLowerCase(Locale.ROOT);
                boolean isFound = names.contains(name);
                if (row.state() == BackupState.DELETED || (row.state() == BackupState.FAILED && row.clean())) {
                    if (isFound) {
                        unneeded.add(name);
                    } else {
                        table.forget(row.id());
                    }
                } else if (!isFound
                        && row.snapshot() == Snapshot.KEPT
                        && row.state().isListed()
                        && !row.young()) {
                    table.miss(row.id());
                    missing.add(row.backupId());
                } else if (isFound && row.snapshot() == Snapshot.MISSING) {
                    table.found(row.id());
                    back.add(row.backupId());
                }
            }
            return new Difference(unneeded, missing, back);
        });
    }

    /**
     * Notes that an agent cannot look at its service's repository. When that goes on for a day, all backups there are
     * missing until it can.
     *
     * @param failure why, for people
     * @return the names in the store of those that were not missing before
     */
    public List<String> unseen(long instance, String failure) {
        return transactions.transaction(instance, () -> {
            table.noteLook(instance, failure);
            List<String> missing = new ArrayList<>();
            if (table.isUnseen(instance)) {
                for (SnapshotTable.Row row : table.rows(instance)) {
                    if (row.snapshot() == Snapshot.KEPT && row.state().isListed()) {
                        table.miss(row.id());
                        missing.add(row.backupId());
                    }
                }
            }
            return missing;
        });
    }
}
