package io.holdfast.manager.deletion;

import io.holdfast.manager.sql.Database;
import java.util.List;

/**
 * Marks backups for deletion, and keeps them from it. Whether one may go is decided in the statement that marks it, so
 * that there is no moment between the look and the mark. On databases with several writers, each first takes the
 * instance's row: two that each count the other's backup as the one that stays cannot pass each other.
 */
public final class Deletions {
    final DeletionTable table;
    final GarbageTable garbage;

    public Deletions(Database database) {
        this.table = new DeletionTable(database);
        this.garbage = new GarbageTable(database);
    }

    /** Who asked for a deletion. */
    public enum Cause {
        REQUEST,
        INSTANCE,
        RETENTION
    }

    /** How many backups were deleted for one cause. */
    public record Count(Cause cause, long count) {}

    /** How many backups were deleted, by who asked. Rows stay, so the counts never go down. */
    public List<Count> counts() {
        return table.counts();
    }
}
