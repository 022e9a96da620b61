package io.holdfast.manager.publishing;

import io.holdfast.manager.sql.Database;

/** The segments that agents were given addresses for, and those that they have borrowed, until their attempts are committed or have ended otherwise. */
public final class AttemptSegments {
    final AttemptSegmentTable table;
    final BorrowedTable borrowed;

    public AttemptSegments(Database database) {
        this.table = new AttemptSegmentTable(database);
        this.borrowed = new BorrowedTable(database);
    }

    /** Forgets those of attempts that have ended, some at a time. Whether there may be more. */
    public boolean forgetEnded() {
        return table.forgetEnded();
    }
}
