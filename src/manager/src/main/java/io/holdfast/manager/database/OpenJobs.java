package io.holdfast.manager.database;

import io.holdfast.protocol.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The jobs that have not ended, in the order of the queue, and why those that wait do. */
public final class OpenJobs {
    private final Database database;

    public OpenJobs(Database database) {
        this.database = database;
    }

    /**
     * A job that has not ended.
     *
     * @param backup the number of the backup that it makes, or null
     * @param restore the number of the restore that it does, or null
     * @param notBefore when it may begin
     * @param paused whether an operator has stopped it
     * @param blocked whether another job of its instance runs
     * @param agentOnline whether an agent of its instance was seen recently
     * @param fitOnline whether one of them has a node that the job may be given to
     * @param attemptAt when its latest attempt began, or null
     */
    public record OpenJob(
            long id,
            String instanceId,
            Jobs.Kind kind,
            Jobs.State state,
            int place,
            int epoch,
            @Nullable Long backup,
            @Nullable Long restore,
            @Nullable Phase phase,
            @Nullable String detail,
            long bytesIn,
            long bytesOut,
            @Nullable Long estimatedBytes,
            boolean cancelRequested,
            @Nullable String message,
            Instant createdAt,
            @Nullable Instant startedAt,
            @Nullable Instant attemptAt,
            Instant notBefore,
            boolean paused,
            boolean blocked,
            boolean agentOnline,
            boolean fitOnline) {
        /**
         * What it waits for, in words; null for one that has begun.
         *
         * @param running how many jobs agents work on
         * @param mostRunning how many jobs may run at once
         */
        public @Nullable String waitingFor(int running, int mostRunning, Instant now) {
            if (state != Jobs.State.QUEUED) {
                return null;
            }
            if (paused) {
                return "an operator to resume it";
            }
            if (blocked) {
                return "another job of the instance";
            }
            if (notBefore.isAfter(now)) {
                return "its next attempt at " + notBefore;
            }
            if (!agentOnline) {
                return "an agent: none of the instance was seen recently";
            }
            if (!fitOnline) {
                return kind == Jobs.Kind.RESTORE
                        ? "the primary's agent: only those of replicas were seen recently"
                        : "a node to make it on: only replicas were seen recently that are too far behind, or not to be"
                                + " used";
            }
            if (kind != Jobs.Kind.RESTORE && running >= mostRunning) {
                return "another job's end: " + mostRunning + " may run at once";
            }
            return "its agent to take it";
        }
    }

    /**
     * Those that run, then those that wait, in the order in which they are taken.
     *
     * @param silence how long an agent may be silent and still counts as there
     * @param most how many
     */
    public List<OpenJob> list(Duration silence, int most) {
        return list(":instance = 0", 0, silence, most);
    }

    /** The same of one instance. */
    public List<OpenJob> list(long instance, Duration silence, int most) {
        return list("q.instance = :instance", instance, silence, most);
    }

    private List<OpenJob> list(String which, long instance, Duration silence, int most) {
        return database.read(handle -> handle.createQuery(
                        """
                        SELECT q.id, i.instance_id, q.kind, q.state, q.place, q.epoch, b.id AS backup, r.id AS restore,
                          q.phase, q.detail, q.bytes_in, q.bytes_out, q.estimated_bytes, q.cancel_requested, q.message,
                          q.created_at, q.started_at, q.not_before,
                          (SELECT started_at FROM attempt t WHERE t.job = q.id AND t.epoch = q.epoch) AS attempt_at,
                          EXISTS (SELECT 1 FROM pause p WHERE p.scope IN ('everything', 'store')
                            OR p.scope = 'instance' AND p.instance = q.instance) AS paused,
                          EXISTS (SELECT 1 FROM job a WHERE a.instance = q.instance AND a.id <> q.id
                            AND a.state IN ('RUNNING', 'COMMITTING')) AS blocked,
                          EXISTS (SELECT 1 FROM agent a WHERE a.instance = q.instance
                            AND a.last_seen_at >= %s - :silence) AS agent_online,
                          EXISTS (SELECT 1 FROM agent a WHERE a.instance = q.instance
                            AND a.last_seen_at >= %s - :silence AND %s > 0) AS fit_online
                        FROM job q JOIN instance i ON i.id = q.instance LEFT JOIN backup b ON b.job = q.id
                          LEFT JOIN restore r ON r.job = q.id
                        WHERE q.state IN ('QUEUED', 'RUNNING', 'COMMITTING') AND %s
                        ORDER BY CASE q.state WHEN 'QUEUED' THEN 1 ELSE 0 END, q.place, q.id LIMIT :most
                        """.formatted(Database.NOW, Database.NOW, JobLeases.worth("a.role"), which))
                .bind("silence", silence.toMillis())
                .bind("instance", instance)
                .bind("most", most)
                .map(RecordMapper.of(OpenJob.class))
                .list());
    }

    /** How many jobs agents work on now. */
    public int running() {
        return database.read(handle -> handle.createQuery("SELECT count(*) FROM job WHERE state = 'RUNNING'")
                .mapTo(Integer.class)
                .one());
    }

    /** The instances whose jobs are next in line. */
    public List<Long> nextInstances(int most) {
        return database.read(handle -> handle.createQuery("""
                        SELECT instance FROM job WHERE state = 'QUEUED' AND not_before <= %s
                        ORDER BY place, id LIMIT :most
                        """.formatted(Database.NOW))
                .bind("most", most)
                .mapTo(Long.class)
                .list());
    }
}
