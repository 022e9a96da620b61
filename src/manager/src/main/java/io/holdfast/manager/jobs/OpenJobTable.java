package io.holdfast.manager.jobs;

import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.RecordMapper;
import java.time.Duration;
import java.util.List;

/** The rows of {@link OpenJobs}. */
final class OpenJobTable {
    private final Database database;

    private final int mostRunning;

    private final Duration silence;

    /**
     * Makes it.
     *
     * @param mostRunning how many jobs may run at once, {@link Integer#MAX_VALUE} for any number
     * @param silence how long an agent may be silent and still counts as there
     */
    OpenJobTable(Database database, int mostRunning, Duration silence) {
        this.database = database;
        this.mostRunning = mostRunning;
        this.silence = silence;
    }

    int mostRunning() {
        return mostRunning;
    }

    List<OpenJob> list(int most) {
        return list(":instance = 0", 0, most);
    }

    List<OpenJob> list(long instance, int most) {
        return list("q.instance = :instance", instance, most);
    }

    private List<OpenJob> list(String which, long instance, int most) {
        return database.read(handle -> handle.createQuery("""
                        SELECT q.id, i.instance_id, q.kind, q.state, q.place, q.epoch, b.id AS backup, r.id AS restore,
                          q.phase, q.detail, q.bytes_in, q.bytes_out, q.estimated_bytes, q.cancel_requested, q.message,
                          q.created_at, q.started_at, q.not_before,
                          (SELECT started_at FROM attempt t WHERE t.job = q.id AND t.epoch = q.epoch) AS attempt_at,
                          %s AS waits_for
                        FROM job q JOIN instance i ON i.id = q.instance LEFT JOIN backup b ON b.job = q.id
                          LEFT JOIN restore r ON r.job = q.id
                        WHERE q.state IN ('QUEUED', 'RUNNING', 'COMMITTING') AND %s
                        ORDER BY CASE q.state WHEN 'QUEUED' THEN 1 ELSE 0 END, q.place, q.id LIMIT :most
                        """.formatted(WaitTable.first(mostRunning), which))
                .bind("silence", silence.toMillis())
                .bind("instance", instance)
                .bind("most", most)
                .map(RecordMapper.of(OpenJob.class))
                .list());
    }

    int running() {
        return database.read(handle -> handle.createQuery("SELECT count(*) FROM job WHERE state = 'RUNNING'")
                .mapTo(Integer.class)
                .one());
    }

    /** The instances whose jobs are next in line. */
    List<Long> nextInstances(int most) {
        return database.read(handle -> handle.createQuery("""
                        SELECT instance FROM job WHERE state = 'QUEUED' AND not_before <= %s
                        ORDER BY place, id LIMIT :most
                        """.formatted(Database.NOW))
                .bind("most", most)
                .mapTo(Long.class)
                .list());
    }
}
