package io.holdfast.manager.jobs;

import io.holdfast.manager.sql.Database;
import io.holdfast.protocol.FailureCode;
import java.util.List;

/** How many jobs wait, work, and have ended how. */
public final class JobCounts {
    final JobCountTable table;

    public JobCounts(Database database) {
        this.table = new JobCountTable(database);
    }

    /**
     * How many jobs have ended in one way since the database was made.
     *
     * @param reason a {@link FailureCode}'s name, or empty for those that are done
     */
    public record Ends(JobKind kind, JobState result, String reason, long count) {}

    /** How jobs have ended. */
    public List<Ends> ends() {
        return table.ends();
    }

    /** How many jobs of a kind are in a state. */
    public record Open(JobKind kind, JobState state, long count) {}

    /** The jobs that have not ended. */
    public List<Open> open() {
        return table.open();
    }
}
