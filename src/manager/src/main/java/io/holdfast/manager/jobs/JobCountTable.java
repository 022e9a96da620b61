package io.holdfast.manager.jobs;

import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.RecordMapper;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** The rows of {@link JobCounts}. */
final class JobCountTable {
    private final Database database;

    JobCountTable(Database database) {
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

    List<JobCounts.Ends> ends() {
        return database.read(handle -> handle.createQuery("SELECT * FROM job_end ORDER BY kind, result, reason")
                .map(RecordMapper.of(JobCounts.Ends.class))
                .list());
    }

    List<JobCounts.Open> open() {
        return database.read(handle -> handle.createQuery("""
                        SELECT kind, state, count(*) AS count FROM job
                        WHERE state IN ('QUEUED', 'RUNNING', 'COMMITTING') GROUP BY kind, state
                        """)
                .map(RecordMapper.of(JobCounts.Open.class))
                .list());
    }
}
