package io.holdfast.manager.publishing;

import io.holdfast.manager.sql.Database;

/** The segments that agents were given addresses for, until their attempts are committed or have ended otherwise. */
public final class AttemptSegments {
    final AttemptSegmentTable table;

    public AttemptSegments(Database database) {
        this.table = new AttemptSegmentTable(database);
    }

    /** Forgets those of attempts that have ended, some at a time. Whether there may be more. */
    public boolean forgetEnded() {
        return table.forgetEnded();
    }
}
