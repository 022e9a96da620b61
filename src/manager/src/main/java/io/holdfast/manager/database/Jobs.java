package io.holdfast.manager.database;

import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Heartbeat;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The queue's rows, and every change of a job's state.
 *
 * <p>How it stays right when agents die, pause and come back: a job is leased to one attempt at a time, and each lease
 * has a number, the <i>epoch</i>, which only ever grows. Whatever an attempt wants to change, the statement that changes
 * it demands its epoch and the state {@code RUNNING} in its own {@code WHERE}. So there is no moment between a check and
 * the change it allows, and an attempt that was given up changes nothing, whenever it wakes. A unique index over the
 * active jobs makes a second one on the same instance impossible.
 *
 * <pre>
 * QUEUED -> RUNNING(epoch) -> COMMITTING -> DONE        backups: the manager proves what lies in the store
 *              |    \___________________/
 *              |             |
 *              |             +-> DONE                   restores
 *              +-> QUEUED (another attempt) | FAILED | CANCELLED
 * </pre>
 */
public final class Jobs {
    /** Phases of a restore in which live data is being replaced: only the agent that began may go on. */
    private static final String REPLACING = "('swapping', 'validating', 'rolling_back')";

    private final Database database;

    public Jobs(Database database) {
        this.database = database;
    }

    /** What a job does. */
    public enum Kind {
        BACKUP,
        RESTORE
    }

    /** Where a job is. */
    public enum State {
        QUEUED,
        RUNNING,
        /** Uploaded; the manager checks the store and writes the manifest. */
        COMMITTING,
        DONE,
        FAILED,
        CANCELLED
    }

    /**
     * A job.
     *
     * @param epoch attempts so far
     * @param phase in the agent's words, see {@link Heartbeat}
     * @param code why it failed, or why the last attempt did
     */
    public record Job(
            long id,
            long instance,
            Kind kind,
            State state,
            int epoch,
            boolean cancelRequested,
            @Nullable String phase,
            @Nullable String detail,
            long bytesIn,
            long bytesOut,
            @Nullable Long estimatedBytes,
            Instant createdAt,
            @Nullable Instant startedAt,
            @Nullable Instant finishedAt,
            @Nullable FailureCode code,
            @Nullable String message,
            @Nullable String hint) {}

    /** Why an attempt ended without success. */
    public record Reason(
            FailureCode code, String message, @Nullable String hint) {}

    /** Adds a job to its instance's queue. */
    public long add(long instance, Kind kind) {
        return database.write(handle -> handle.createQuery("""
                        INSERT INTO job (instance, kind, state, not_before, created_at)
                        VALUES (:instance, :kind, 'QUEUED', %s, %s) RETURNING id
                        """.formatted(Database.NOW, Database.NOW))
                .bind("instance", instance)
                .bind("kind", kind.name())
                .mapTo(Long.class)
                .one());
    }

    public Job get(long id) {
        return find(id).orElseThrow();
    }

    /** A job, if there is one of this number. */
    public Optional<Job> find(long id) {
        return database.read(handle -> handle.createQuery("SELECT * FROM job WHERE id = :id")
                .bind("id", id)
                .map(RecordMapper.of(Job.class))
                .findOne());
    }

    /**
     * Leases the instance's next job to a session: the one that this session holds already, when its answer was lost,
     * else the first that is due, restores before backups.
     */
    public Optional<Job> claim(long instance, int position, String session, Duration lease) {
        return database.write(handle -> {
            Optional<Job> job = handle.createQuery("""
                            UPDATE job SET state = 'RUNNING', epoch = epoch + 1, position = :position, session = :session,
                              lease_until = %s + :lease, started_at = coalesce(started_at, %s),
                              phase = CASE WHEN kind = 'RESTORE' AND phase IN %s THEN phase ELSE 'leased' END,
                              detail = NULL, bytes_in = 0, bytes_out = 0, estimated_bytes = NULL,
                              code = NULL, message = NULL, hint = NULL
                            WHERE id = coalesce(
                              (SELECT id FROM job WHERE instance = :instance AND state = 'RUNNING' AND session = :session),
                              (SELECT id FROM job q WHERE q.instance = :instance AND q.state = 'QUEUED' AND q.not_before <= %s
                                 AND NOT EXISTS (SELECT 1 FROM job r
                                   WHERE r.instance = :instance AND r.state IN ('RUNNING', 'COMMITTING'))
                                 ORDER BY CASE q.kind WHEN 'RESTORE' THEN 0 ELSE 1 END, q.id LIMIT 1))
                            RETURNING *
                            """.formatted(Database.NOW, Database.NOW, REPLACING, Database.NOW))
                    .bind("instance", instance)
                    .bind("position", position)
                    .bind("session", session)
                    .bind("lease", lease.toMillis())
                    .map(RecordMapper.of(Job.class))
                    .findOne();
            job.ifPresent(leased -> noteAttempt(leased, position));
            return job;
        });
    }

    /**
     * Leases a restore that was cut off while it replaced live data to the agent that began it, and to no other.
     * Empty when the job has ended.
     */
    public Optional<Job> resume(long id, long instance, int position, String session, int epoch, Duration lease) {
        return database.write(handle -> {
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
        database.write(handle -> {
            handle.createUpdate("""
                            UPDATE attempt SET ended_at = %s, outcome = 'ABANDONED'
                            WHERE job = :job AND ended_at IS NULL
                            """.formatted(Database.NOW))
                    .bind("job", job.id())
                    .execute();
            return handle.createUpdate(
                            "INSERT INTO attempt (job, epoch, position, started_at) VALUES (:job, :epoch, :position, "
                                    + Database.NOW + ")")
                    .bind("job", job.id())
                    .bind("epoch", job.epoch())
                    .bind("position", position)
                    .execute();
        });
    }

    /**
     * Notes progress and extends the lease.
     *
     * @return whether somebody asked to cancel, or empty when the epoch is not the newest of a running job
     */
    public Optional<Boolean> heartbeat(long id, long instance, Heartbeat heartbeat, Duration lease) {
        return database.write(handle -> handle.createQuery("""
                        UPDATE job SET lease_until = %s + :lease,
                          phase = CASE WHEN cancel_requested = 1 AND :phase IN %s AND phase NOT IN %s
                            THEN phase ELSE :phase END,
                          detail = :detail, bytes_in = :bytesIn, bytes_out = :bytesOut,
                          estimated_bytes = :estimatedBytes
                        WHERE id = :id AND instance = :instance AND epoch = :epoch AND state = 'RUNNING'
                        RETURNING cancel_requested
                        """.formatted(Database.NOW, REPLACING, REPLACING))
                .bind("id", id)
                .bind("instance", instance)
                .bind("lease", lease.toMillis())
                .bind("epoch", heartbeat.epoch())
                .bind("phase", heartbeat.phase())
                .bind("detail", heartbeat.detail())
                .bind("bytesIn", heartbeat.bytesIn())
                .bind("bytesOut", heartbeat.bytesOut())
                .bind("estimatedBytes", heartbeat.estimatedBytes())
                .mapTo(Boolean.class)
                .findOne());
    }

    /** Whether an epoch is the newest of a running job of this instance. For reading only: writes check by themselves. */
    public boolean isLive(long id, long instance, int epoch, Kind kind) {
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

    /** Notes that this epoch was given its file keys; false when it was before, or is not live. */
    public boolean takeKeys(long id, long instance, int epoch) {
        return database.write(handle -> handle.createUpdate("""
                                UPDATE job SET keys_given = :epoch
                                WHERE id = :id AND instance = :instance AND epoch = :epoch AND state = 'RUNNING'
                                  AND keys_given < :epoch
                                """)
                        .bind("id", id)
                        .bind("instance", instance)
                        .bind("epoch", epoch)
                        .execute()
                == 1);
    }

    /** The agent's part is done, the manager's begins. False when the epoch is not live. */
    public boolean beginCommit(long id, long instance, int epoch) {
        return move(id, instance, epoch, State.RUNNING, State.COMMITTING, null);
    }

    /** The job is done. False when the epoch is not in that state any more. */
    public boolean finish(long id, long instance, int epoch, State from) {
        return move(id, instance, epoch, from, State.DONE, null);
    }

    /**
     * An attempt ended without success: another follows if that makes sense, else the job ends.
     *
     * @param from where the job must be
     * @param retryDelay how long to wait before another attempt; null for none
     * @return the job's state now, or empty when the epoch was not in state {@code from}
     */
    public Optional<State> endAttempt(
            long id, long instance, int epoch, State from, Reason reason, @Nullable Duration retryDelay) {
        return database.write(handle -> {
            boolean cancelled = reason.code() == FailureCode.CANCELLED || get(id).cancelRequested();
            State to = cancelled ? State.CANCELLED : retryDelay != null ? State.QUEUED : State.FAILED;
            Reason shown = cancelled ? new Reason(FailureCode.CANCELLED, "cancelled on request", null) : reason;
            if (!move(id, instance, epoch, from, to, shown)) {
                return Optional.empty();
            }
            if (to == State.QUEUED && retryDelay != null) {
                handle.createUpdate("UPDATE job SET not_before = " + Database.NOW + " + :delay WHERE id = :id")
                        .bind("delay", retryDelay.toMillis())
                        .bind("id", id)
                        .execute();
            }
            return Optional.of(to);
        });
    }

    private boolean move(long id, long instance, int epoch, State from, State to, @Nullable Reason reason) {
        boolean last = to == State.DONE || to == State.FAILED || to == State.CANCELLED;
        return database.write(handle -> {
            int moved = handle.createUpdate("""
                            UPDATE job SET state = :to, lease_until = NULL, session = NULL,
                              finished_at = CASE WHEN :last THEN %s END,
                              phase = CASE WHEN :to = 'COMMITTING' THEN 'committing' WHEN :last THEN phase ELSE NULL END,
                              code = :code, message = :message, hint = :hint
                            WHERE id = :id AND instance = :instance AND epoch = :epoch AND state = :from
                            """.formatted(Database.NOW))
                    .bind("to", to.name())
                    .bind("last", last)
                    .bind("code", reason == null ? null : reason.code().name())
                    .bind("message", reason == null ? null : reason.message())
                    .bind("hint", reason == null ? null : reason.hint())
                    .bind("id", id)
                    .bind("instance", instance)
                    .bind("epoch", epoch)
                    .bind("from", from.name())
                    .execute();
            if (moved == 1 && last) {
                JobCounts.ended(handle, id);
            }
            if (moved == 1 && to != State.COMMITTING) {
                handle.createUpdate("""
                                UPDATE attempt SET ended_at = %s, outcome = :outcome, message = :message
                                WHERE job = :job AND epoch = :epoch
                                """.formatted(Database.NOW))
                        .bind("outcome", reason == null ? "DONE" : reason.code().name())
                        .bind("message", reason == null ? null : reason.message())
                        .bind("job", id)
                        .bind("epoch", epoch)
                        .execute();
            }
            return moved == 1;
        });
    }

    /**
     * Asks to cancel: a queued job ends at once, a running one at its agent's next heartbeat.
     *
     * @return false when the job has ended, is being committed, or is replacing live data
     */
    public boolean requestCancel(long id) {
        return database.write(handle -> {
            int queued = handle.createUpdate("""
                            UPDATE job SET state = 'CANCELLED', finished_at = %s, code = 'CANCELLED',
                              message = 'cancelled on request', hint = NULL
                            WHERE id = :id AND state = 'QUEUED'
                            """.formatted(Database.NOW))
                    .bind("id", id)
                    .execute();
            if (queued == 1) {
                JobCounts.ended(handle, id);
            }
            int running =
                    handle.createUpdate("""
                            UPDATE job SET cancel_requested = 1
                            WHERE id = :id AND state = 'RUNNING' AND (phase IS NULL OR phase NOT IN %s)
                            """.formatted(REPLACING)).bind("id", id).execute();
            return queued + running == 1;
        });
    }

    /** Ends the leases of jobs that an older session of this agent holds: that session's process is gone. */
    public void expireOlderSessions(long instance, int position, String session) {
        database.write(handle -> handle.createUpdate("""
                        UPDATE job SET lease_until = %s - 1
                        WHERE instance = :instance AND position = :position AND state = 'RUNNING' AND session <> :session
                          AND phase NOT IN %s
                        """.formatted(Database.NOW, REPLACING))
                .bind("instance", instance)
                .bind("position", position)
                .bind("session", session)
                .execute());
    }

    /**
     * Running jobs whose lease is over. A restore that is replacing live data is among them only after a further time,
     * in which its agent may come back.
     */
    public List<Job> expired(Duration resumeDeadline) {
        return database.read(handle -> handle.createQuery("""
                        SELECT * FROM job WHERE state = 'RUNNING'
                          AND lease_until + CASE WHEN phase IN %s THEN :deadline ELSE 0 END < %s
                        """.formatted(REPLACING, Database.NOW))
                .bind("deadline", resumeDeadline.toMillis())
                .map(RecordMapper.of(Job.class))
                .list());
    }

    /** Whether a job stopped while it was replacing live data. */
    public static boolean isReplacing(Job job) {
        return job.phase() != null && REPLACING.contains("'" + job.phase() + "'");
    }

    /** Jobs that wait for the manager to prove what lies in the store. */
    public List<Job> committing() {
        return database.read(handle -> handle.createQuery("SELECT * FROM job WHERE state = 'COMMITTING' ORDER BY id")
                .map(RecordMapper.of(Job.class))
                .list());
    }

    /** Whether the instance has a backup that has not ended. */
    public boolean hasOpenBackup(long instance) {
        return database.read(handle -> handle.createQuery("""
                                SELECT count(*) FROM job WHERE instance = :instance AND kind = 'BACKUP'
                                  AND state IN ('QUEUED', 'RUNNING', 'COMMITTING')
                                """)
                        .bind("instance", instance)
                        .mapTo(Integer.class)
                        .one()
                > 0);
    }

    /** Whether the instance has a restore that has not ended. */
    public boolean hasOpenRestore(long instance) {
        return database.read(handle -> handle.createQuery("""
                                SELECT count(*) FROM job WHERE instance = :instance AND kind = 'RESTORE'
                                  AND state IN ('QUEUED', 'RUNNING')
                                """)
                        .bind("instance", instance)
                        .mapTo(Integer.class)
                        .one()
                > 0);
    }
}
