package io.holdfast.manager.database;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
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
 * QUEUED -> RUNNING(epoch) -> COMMITTING -> DONE        backups: the manager proves what is stored
 *              |    \___________________/
 *              |             |
 *              |             +-> DONE                   restores
 *              +-> QUEUED (another attempt) | FAILED | CANCELLED
 * </pre>
 */
public final class Jobs {
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

    /** Who asked for a job. */
    public enum Origin {
        REQUEST,
        SCHEDULE
    }

    /**
     * A job.
     *
     * @param epoch attempts so far
     * @param code why it failed, or why the last attempt did
     */
    public record Job(
            long id,
            long instance,
            Kind kind,
            State state,
            int epoch,
            boolean cancelRequested,
            @Nullable Phase phase,
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

    /** Adds a job that somebody asked for to its instance's queue. Empty when the instance was deleted. */
    public Optional<Long> add(long instance, Kind kind) {
        return add(instance, kind, kind == Kind.RESTORE ? RESTORES : BY_HAND, Origin.REQUEST);
    }

    /** Adds a backup that the schedule asked for to its instance's queue. Empty when the instance was deleted. */
    public Optional<Long> addScheduledBackup(long instance) {
        return add(instance, Kind.BACKUP, SCHEDULED, Origin.SCHEDULE);
    }

    private Optional<Long> add(long instance, Kind kind, int place, Origin origin) {
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
    public boolean move(long id, boolean first) {
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
        return database.write(instance, handle -> {
            boolean cancelled = reason.code() == FailureCode.CANCELLED || get(id).cancelRequested();
            State to = cancelled ? State.CANCELLED : retryDelay != null ? State.QUEUED : State.FAILED;
            Reason shown = cancelled && reason.code() != FailureCode.CANCELLED
                    ? new Reason(FailureCode.CANCELLED, "cancelled on request", null)
                    : reason;
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
     * Asks to cancel: a queued job ends at once, a running one at its agent's next heartbeat, or by {@link
     * JobLeases#disobeyed} when its agent does not obey.
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
            int running = handle.createUpdate("""
                            UPDATE job SET cancel_requested = 1, cancel_requested_at = coalesce(cancel_requested_at, %s)
                            WHERE id = :id AND state = 'RUNNING' AND (phase IS NULL OR phase NOT IN %s)
                            """.formatted(Database.NOW, REPLACING))
                    .bind("id", id)
                    .execute();
            return queued + running == 1;
        });
    }

    /** Whether a job stopped while it was replacing live data. */
    public static boolean isReplacing(Job job) {
        return job.phase() != null && job.phase().replacesLiveData();
    }

    /** Who made an attempt; empty when it is not known. */
    public Optional<Manifest.MadeBy> madeBy(long id, int epoch) {
        return database.read(handle -> handle.createQuery("""
                        SELECT position AS agent, host, certificate_serial, certificate_sha256 FROM attempt
                        WHERE job = :id AND epoch = :epoch AND host IS NOT NULL AND certificate_sha256 IS NOT NULL
                        """)
                .bind("id", id)
                .bind("epoch", epoch)
                .map(RecordMapper.of(Manifest.MadeBy.class))
                .findOne());
    }

    /** Jobs that wait for the manager to prove what is stored. */
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

    /**
     * The backup job of an instance that waits, if there is one that nobody cancels; it is taken as soon as one that somebody
     * asked for now would be.
     */
    public Optional<Long> waitingBackup(long instance) {
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
    public List<Job> open(long instance) {
        return database.read(handle -> handle.createQuery("""
                        SELECT * FROM job
                        WHERE instance = :instance AND state IN ('QUEUED', 'RUNNING', 'COMMITTING') ORDER BY id
                        """)
                .bind("instance", instance)
                .map(RecordMapper.of(Job.class))
                .list());
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
