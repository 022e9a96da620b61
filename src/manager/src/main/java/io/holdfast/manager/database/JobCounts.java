package io.holdfast.manager.database;

import io.holdfast.protocol.FailureCode;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** How many jobs wait, work, and have ended how. */
public final class JobCounts {
    private final Database database;

    public JobCounts(Database database) {
        this.database = database;
    }

    /** Counts a job that has just ended, in the transaction of its end. */
    static void ended(Handle handle, long id) {
        handle.createUpdate("""
                        INSERT INTO job_end (kind, result, reason, count)
                        SELECT kind, state, coalesce(code, ''), 1 FROM job WHERE id = :id
                        ON CONFLICT (kind, result, reason) DO UPDATE SET count = job_end.count + 1
                        """).bind("id", id).execute();
    }

    /**
     * How many jobs have ended in one way since the database was made.
     *
     * @param reason a {@link FailureCode}'s name, or empty for those that are done
     */
    public record Ends(Jobs.Kind kind, Jobs.State result, String reason, long count) {}

    /** How jobs have ended. */
    public List<Ends> ends() {
        return database.read(handle -> handle.createQuery("SELECT * FROM job_end ORDER BY kind, result, reason")
                .map(RecordMapper.of(Ends.class))
                .list());
    }

    /** How many jobs of a kind are in a state. */
    public record Open(Jobs.Kind kind, Jobs.State state, long count) {}

    /** The jobs that have not ended. */
    public List<Open> open() {
        return database.read(handle ->
                handle.createQuery("""
                        SELECT kind, state, count(*) AS count FROM job
                        WHERE state IN ('QUEUED', 'RUNNING', 'COMMITTING') GROUP BY kind, state
                        """).map(RecordMapper.of(Open.class)).list());
    }
}
