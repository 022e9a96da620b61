package io.holdfast.manager.jobs;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.RecordMapper;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Phase;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The rows of the queue. {@link Jobs} says how they stay right. */
final class JobTable {
    /** Phases of a restore in which live data is being replaced: only the agent that began may go on. */
    static final String REPLACING = Arrays.stream(Phase.values())
            .filter(Phase::replacesLiveData)
            .map(phase -> "'" + phase.word() + "'")
            .collect(Collectors.joining(", ", "(", ")"));

    /** Places in an instance's queue: lower ones are taken first, and of the same the older job. */
    private static final int RESTORES = 100;

    private static final int BY_HAND = 200;

    private static final int SCHEDULED = 300;

    private final Database database;

    JobTable(Database database) {
        this.database = database;
    }

    /** Adds a job to its instance's queue. Empty when the instance was deleted. */
    Optional<Long> add(long instance, JobKind kind, JobOrigin origin) {
        int place = origin == JobOrigin.SCHEDULE ? SCHEDULED : kind == JobKind.RESTORE ? RESTORES : BY_HAND;
        return database.write(
                instance,
                handle -> handle.createQuery("""
                        INSERT INTO job (instance, kind, state, place, origin, not_before, created_at)
                        SELECT id, :kind, 'QUEUED', :place, :origin, %s, %s FROM instance
                        WHERE id = :instance AND deleted_at IS NULL RETURNING id
                        """.formatted(Database.NOW, Database.NOW))
                        .bind("instance", instance)
                        .bind("kind", kind.name())
                        .bind("place", place)
                        .bind("origin", origin.name())
                        .mapTo(Long.class)
                        .findOne());
    }

    /** Moves a job that waits to the beginning or the end of its instance's queue. False when it does not wait. */
    boolean move(long id, boolean first) {
        return database.write(
                handle -> handle.createUpdate("""
                                UPDATE job SET place = (SELECT %s FROM job q
                                  WHERE q.instance = job.instance AND q.state = 'QUEUED')
                                WHERE id = :id AND state = 'QUEUED'
                                """.formatted(first ? "min(q.place) - 1" : "max(q.place) + 1"))
                                .bind("id", id)
                                .execute()
                        == 1);
    }

    Job get(long id) {
        return find(id).orElseThrow();
    }

    Optional<Job> find(long id) {
        return database.read(handle -> handle.createQuery("SELECT * FROM job WHERE id = :id")
                .bind("id", id)
                .map(RecordMapper.of(Job.class))
                .findOne());
    }

    /** The agent's part is done, the manager's begins. False when the epoch is not live. */
    boolean beginCommit(long id, long instance, int epoch) {
        return move(id, instance, epoch, JobState.RUNNING, JobState.COMMITTING, null);
    }

    /** The job is done. False when the epoch is not in that state any more. */
    boolean finish(long id, long instance, int epoch, JobState from) {
        return move(id, instance, epoch, from, JobState.DONE, null);
    }

    /**
     * An attempt ended without success: another follows if that makes sense, else the job ends.
     *
     * @param from where the job must be
     * @param retryDelay how long to wait before another attempt; null for none
     * @return the job's state now, or empty when the epoch was not in state {@code from}
     */
    Optional<JobState> endAttempt(
            long id, long instance, int epoch, JobState from, AttemptFailure reason, @Nullable Duration retryDelay) {
        return database.write(instance, handle -> {
            boolean cancelled = reason.code() == FailureCode.CANCELLED || get(id).cancelRequested();
            JobState to = cancelled ? JobState.CANCELLED : retryDelay != null ? JobState.QUEUED : JobState.FAILED;
            AttemptFailure shown = cancelled && reason.code() != FailureCode.CANCELLED
                    ? new AttemptFailure(FailureCode.CANCELLED, "cancelled on request", null)
                    : reason;
            if (!move(id, instance, epoch, from, to, shown)) {
                return Optional.empty();
            }
            if (to == JobState.QUEUED && retryDelay != null) {
                handle.createUpdate("UPDATE job SET not_before = " + Database.NOW + " + :delay WHERE id = :id")
                        .bind("delay", retryDelay.toMillis())
                        .bind("id", id)
                        .execute();
            }
            return Optional.of(to);
        });
    }

    private boolean move(
            long id, long instance, int epoch, JobState from, JobState to, @Nullable AttemptFailure reason) {
        boolean last = to == JobState.DONE || to == JobState.FAILED || to == JobState.CANCELLED;
        return database.write(instance, handle -> {
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
                JobCountTable.ended(handle, id);
            }
            if (moved == 1 && to != JobState.COMMITTING) {
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
     * Asks to cancel: a queued job ends at once, a running one at its agent's next heartbeat, or by {@link
     * JobLeaseTable#disobeyed} when its agent does not obey.
     *
     * @return false when the job has ended, is being committed, or is replacing live data
     */
    boolean requestCancel(long id) {
        return database.write(handle -> {
            int queued = handle.createUpdate("""
                            UPDATE job SET state = 'CANCELLED', finished_at = %s, code = 'CANCELLED',
                              message = 'cancelled on request', hint = NULL
                            WHERE id = :id AND state = 'QUEUED'
                            """.formatted(Database.NOW))
                    .bind("id", id)
                    .execute();
            if (queued == 1) {
                JobCountTable.ended(handle, id);
            }
            int running = handle.createUpdate("""
                            UPDATE job SET cancel_requested = 1, cancel_requested_at = coalesce(cancel_requested_at, %s)
                            WHERE id = :id AND state = 'RUNNING' AND (phase IS NULL OR phase NOT IN %s)
                            """.formatted(Database.NOW, REPLACING))
                    .bind("id", id)
                    .execute();
            return queued + running == 1;
        });
    }

    Optional<Manifest.MadeBy> madeBy(long id, int epoch) {
        return database.read(handle -> handle.createQuery("""
                        SELECT position AS agent, host, certificate_serial, certificate_sha256 FROM attempt
                        WHERE job = :id AND epoch = :epoch AND host IS NOT NULL AND certificate_sha256 IS NOT NULL
                        """)
                .bind("id", id)
                .bind("epoch", epoch)
                .map(RecordMapper.of(Manifest.MadeBy.class))
                .findOne());
    }

    List<Job> committing() {
        return database.read(handle -> handle.createQuery("SELECT * FROM job WHERE state = 'COMMITTING' ORDER BY id")
                .map(RecordMapper.of(Job.class))
                .list());
    }

    boolean hasOpenBackup(long instance) {
        return database.read(handle -> handle.createQuery("""
                                SELECT count(*) FROM job WHERE instance = :instance AND kind = 'BACKUP'
                                  AND state IN ('QUEUED', 'RUNNING', 'COMMITTING')
                                """)
                        .bind("instance", instance)
                        .mapTo(Integer.class)
                        .one()
                > 0);
    }

    /**
     * The backup job of an instance that waits, if there is one that nobody cancels; it is taken as soon as one that somebody
     * asked for now would be.
     */
    Optional<Long> waitingBackup(long instance) {
        return database.write(
                instance,
                handle -> handle.createQuery("""
                        UPDATE job SET place = CASE WHEN place > :place THEN :place ELSE place END
                        WHERE id = (SELECT min(id) FROM job
                          WHERE instance = :instance AND kind = 'BACKUP' AND state = 'QUEUED')
                        RETURNING id
                        """)
                        .bind("instance", instance)
                        .bind("place", BY_HAND)
                        .mapTo(Long.class)
                        .findOne());
    }

    /** All jobs of an instance that have not ended. */
    List<Job> open(long instance) {
        return database.read(handle -> handle.createQuery("""
                        SELECT * FROM job
                        WHERE instance = :instance AND state IN ('QUEUED', 'RUNNING', 'COMMITTING') ORDER BY id
                        """)
                .bind("instance", instance)
                .map(RecordMapper.of(Job.class))
                .list());
    }

    boolean hasOpenRestore(long instance) {
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
