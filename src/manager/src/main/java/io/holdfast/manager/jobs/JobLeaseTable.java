package io.holdfast.manager.jobs;

import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.RecordMapper;
import io.holdfast.protocol.Heartbeat;
import io.holdfast.protocol.NodeRole;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** How jobs are given to agents for a time, and taken from those that fall silent. {@link Jobs} says how it stays right. */
final class JobLeaseTable {
    private final Database database;

    private final String mayBegin;
    private final boolean limited;

    private final Duration silence;

    /**
     * Makes it.
     *
     * @param most how many jobs may run at once at all managers together, {@link Integer#MAX_VALUE} for any number;
     *     restores are not held back by it
     * @param silence how long an agent may be silent and still counts as there
     */
    JobLeaseTable(Database database, int most, Duration silence) {
        this.database = database;
        this.silence = silence;
        this.mayBegin = WaitTable.mayBegin(most);
        this.limited = most != Integer.MAX_VALUE;
    }

    /**
     * Who asks for a job.
     *
     * @param role of the agent's node; null when it has none or does not know it
     */
    record Node(
            long instance,
            int position,
            String session,
            @Nullable NodeRole role) {
        private @Nullable String roleName() {
            return role == null ? null : role.name();
        }
    }

    /**
     * How long until {@link #claim} may have a job for a session, by a look alone: most claims find nothing, and need no
     * writing transaction to see it. Empty when nothing is queued that may begin.
     */
    Optional<Duration> untilDue(Node node) {
        return database.read(handle -> handle.createQuery("""
                        SELECT min(CASE WHEN q.state = 'RUNNING' THEN 0 ELSE q.not_before - %s END) FROM job q
                        WHERE q.instance = :instance AND (q.state = 'RUNNING' AND q.session = :session OR %s)
                        """.formatted(Database.NOW, mayBegin))
                .bind("instance", node.instance())
                .bind("session", node.session())
                .bind("position", node.position())
                .bind("role", node.roleName())
                .bind("silence", silence.toMillis())
                .mapTo(Long.class)
                .findOne()
                .map(millis -> Duration.ofMillis(Math.max(0, millis))));
    }

    /**
     * Leases the instance's next job to a session: the one that this session holds already, when its answer was lost,
     * else the first that is due and may begin.
     */
    Optional<Job> claim(Node node, Duration lease) {
        // Where only so many may run at once, it counts those of all instances.
        return limited
                ? database.write(handle -> claim(handle, node, lease))
                : database.write(node.instance(), handle -> claim(handle, node, lease));
    }

    private Optional<Job> claim(Handle handle, Node node, Duration lease) {
        Optional<Job> job = handle.createQuery(
                        """
                            UPDATE job SET state = 'RUNNING', epoch = epoch + 1, position = :position, session = :session,
                              lease_until = %s + :lease, started_at = coalesce(started_at, %s),
                              phase = CASE WHEN kind = 'RESTORE' AND phase IN %s THEN phase ELSE 'leased' END,
                              detail = NULL, bytes_in = 0, bytes_out = 0, estimated_bytes = NULL,
                              code = NULL, message = NULL, hint = NULL
                            WHERE id = coalesce(
                              (SELECT id FROM job WHERE instance = :instance AND state = 'RUNNING' AND session = :session),
                              (SELECT id FROM job q WHERE q.instance = :instance AND q.not_before <= %s AND %s
                                 ORDER BY q.place, q.id LIMIT 1))
                            RETURNING *
                            """.formatted(Database.NOW, Database.NOW, JobTable.REPLACING, Database.NOW, mayBegin))
                .bind("instance", node.instance())
                .bind("position", node.position())
                .bind("session", node.session())
                .bind("role", node.roleName())
                .bind("silence", silence.toMillis())
                .bind("lease", lease.toMillis())
                .map(RecordMapper.of(Job.class))
                .findOne();
        job.ifPresent(leased -> noteAttempt(leased, node.position()));
        return job;
    }

    /**
     * Leases a restore that was cut off while it replaced live data to the agent that began it, and to no other.
     * Empty when the job has ended.
     */
    Optional<Job> resume(long id, long instance, int position, String session, int epoch, Duration lease) {
        return database.write(instance, handle -> {
            Optional<Job> job = handle.createQuery("""
                            UPDATE job SET epoch = epoch + 1, session = :session, lease_until = %s + :lease
                            WHERE id = :id AND instance = :instance AND position = :position AND epoch = :epoch
                              AND kind = 'RESTORE' AND state = 'RUNNING'
                            RETURNING *
                            """.formatted(Database.NOW))
                    .bind("id", id)
                    .bind("instance", instance)
                    .bind("position", position)
                    .bind("session", session)
                    .bind("epoch", epoch)
                    .bind("lease", lease.toMillis())
                    .map(RecordMapper.of(Job.class))
                    .findOne();
            job.ifPresent(leased -> noteAttempt(leased, position));
            return job;
        });
    }

    private void noteAttempt(Job job, int position) {
        database.write(job.instance(), handle -> {
            handle.createUpdate("""
                            UPDATE attempt SET ended_at = %s, outcome = 'ABANDONED'
                            WHERE job = :job AND ended_at IS NULL
                            """.formatted(Database.NOW))
                    .bind("job", job.id())
                    .execute();
            return handle.createUpdate("""
                            INSERT INTO attempt (job, epoch, position, started_at, host, certificate_serial, certificate_sha256)
                            SELECT :job, :epoch, :position, %s, a.host, a.certificate_serial, a.certificate_sha256
                            FROM job j LEFT JOIN agent a ON a.instance = j.instance AND a.position = :position
                            WHERE j.id = :job
                            """.formatted(Database.NOW))
                    .bind("job", job.id())
                    .bind("epoch", job.epoch())
                    .bind("position", position)
                    .execute();
        });
    }

    /**
     * Notes progress and extends the lease. A heartbeat does not lead into the phases in which live data is replaced, nor out
     * of them, as one that comes late would: {@link #cutOver} alone does.
     *
     * @return whether somebody asked to cancel, or empty when the epoch is not the newest of a running job
     */
    Optional<Boolean> heartbeat(long id, long instance, Heartbeat heartbeat, Duration lease) {
        return database.write(
                instance,
                handle -> handle.createQuery("""
                        UPDATE job SET lease_until = %s + :lease,
                          phase = CASE WHEN phase IN %s THEN CASE WHEN :replaces = 1 THEN :phase ELSE phase END
                            WHEN :replaces = 1 THEN phase ELSE :phase END,
                          detail = :detail, bytes_in = :bytesIn, bytes_out = :bytesOut,
                          estimated_bytes = :estimatedBytes
                        WHERE id = :id AND instance = :instance AND epoch = :epoch AND state = 'RUNNING'
                        RETURNING cancel_requested
                        """.formatted(Database.NOW, JobTable.REPLACING))
                        .bind("id", id)
                        .bind("instance", instance)
                        .bind("lease", lease.toMillis())
                        .bind("epoch", heartbeat.epoch())
                        .bind("phase", heartbeat.phase().word())
                        .bind("replaces", heartbeat.phase().replacesLiveData() ? 1 : 0)
                        .bind("detail", heartbeat.detail())
                        .bind("bytesIn", heartbeat.bytesIn())
                        .bind("bytesOut", heartbeat.bytesOut())
                        .bind("estimatedBytes", heartbeat.estimatedBytes())
                        .mapTo(Boolean.class)
                        .findOne());
    }

    /**
     * Gives a restore the leave to replace live data, unless somebody asked to cancel it before, and extends the lease. A leave
     * that was given stays given.
     *
     * @return whether it has the leave, or empty when the epoch is not the newest of a running restore
     */
    Optional<Boolean> cutOver(long id, long instance, int epoch, Duration lease) {
        return database.write(
                instance,
                handle -> handle.createQuery("""
                        UPDATE job SET lease_until = %s + :lease,
                          phase = CASE WHEN phase IN %s OR cancel_requested = 1 THEN phase ELSE 'swapping' END
                        WHERE id = :id AND instance = :instance AND epoch = :epoch AND kind = 'RESTORE' AND state = 'RUNNING'
                        RETURNING *
                        """.formatted(Database.NOW, JobTable.REPLACING))
                        .bind("id", id)
                        .bind("instance", instance)
                        .bind("epoch", epoch)
                        .bind("lease", lease.toMillis())
                        .map(RecordMapper.of(Job.class))
                        .findOne()
                        .map(Job::isReplacing));
    }

    /** Whether an epoch is the newest of a running job of this instance. For reading only: writes check on their own. */
    boolean isLive(long id, long instance, int epoch, JobKind kind) {
        return database.read(handle -> handle.createQuery("""
                                SELECT count(*) FROM job
                                WHERE id = :id AND instance = :instance AND epoch = :epoch AND kind = :kind
                                  AND state = 'RUNNING'
                                """)
                        .bind("kind", kind.name())
                        .bind("id", id)
                        .bind("instance", instance)
                        .bind("epoch", epoch)
                        .mapTo(Integer.class)
                        .one()
                == 1);
    }

    /**
     * Ends the leases of jobs that an older session of this agent holds: that session's process is gone. False when there
     * are none.
     */
    boolean expireOlderSessions(long instance, int position, String session) {
        return database.write(
                instance,
                handle -> handle.createUpdate("""
                                UPDATE job SET lease_until = %s - 1
                                WHERE instance = :instance AND position = :position AND state = 'RUNNING'
                                  AND session <> :session AND phase NOT IN %s
                                """.formatted(Database.NOW, JobTable.REPLACING))
                                .bind("instance", instance)
                                .bind("position", position)
                                .bind("session", session)
                                .execute()
                        > 0);
    }

    /**
     * Running jobs whose cancellation was asked for so long ago that their agent does not mean to obey. None that is
     * replacing live data: that has to come to its end.
     */
    List<Job> disobeyed(Duration patience) {
        return database.read(handle -> handle.createQuery("""
                        SELECT * FROM job WHERE state = 'RUNNING' AND cancel_requested = 1 AND phase NOT IN %s
                          AND coalesce(cancel_requested_at, 0) + :patience < %s
                        """.formatted(JobTable.REPLACING, Database.NOW))
                .bind("patience", patience.toMillis())
                .map(RecordMapper.of(Job.class))
                .list());
    }

    /**
     * Running jobs whose lease is over. A restore that is replacing live data is among them only after a further time,
     * in which its agent may come back.
     */
    List<Job> expired(Duration resumeDeadline) {
        return database.read(handle -> handle.createQuery("""
                        SELECT * FROM job WHERE state = 'RUNNING'
                          AND lease_until + CASE WHEN phase IN %s THEN :deadline ELSE 0 END < %s
                        """.formatted(JobTable.REPLACING, Database.NOW))
                .bind("deadline", resumeDeadline.toMillis())
                .map(RecordMapper.of(Job.class))
                .list());
    }
}
