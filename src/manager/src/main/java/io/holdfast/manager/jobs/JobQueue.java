package io.holdfast.manager.jobs;

import io.holdfast.manager.agents.Agents;
import io.holdfast.manager.config.ManagerConfig;
import io.holdfast.manager.crash.CrashPoint;
import io.holdfast.manager.crash.CrashPoints;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.QueueSignals;
import io.holdfast.manager.transaction.Transactions;
import io.holdfast.protocol.CutOver;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Heartbeat;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.JobFailure.LiveData;
import io.holdfast.protocol.NodeRole;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The queue: takes requests, leases jobs to agents, and decides what follows when an attempt ends or falls silent.
 * {@link Jobs} says how it stays right. May be used by any thread.
 */
public final class JobQueue implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(JobQueue.class);
    /** A job becomes visible without a wake when its retry is due or a signal was lost. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(15);

    private static final AttemptFailure GONE =
            new AttemptFailure(FailureCode.AGENT_LOST, "the agent was gone before it got the job", null);

    private final Transactions transactions;
    private final JobTable jobs;
    private final JobLeaseTable leases;
    private final Agents agents;
    private final ManagerConfig.Jobs limits;
    private final CrashPoints crashPoints;
    private final Wakes wakes;
    private final AttemptEnds ends;
    private final LostAgents lost;

    /**
     * Makes it.
     *
     * @param subjects what each kind of job is for
     */
    public JobQueue(
            Database database,
            Agents agents,
            Map<JobKind, JobSubject> subjects,
            ManagerConfig.Jobs limits,
            RandomGenerator random,
            CrashPoints crashPoints) {
        this.transactions = database;
        this.jobs = new JobTable(database);
        this.leases = new JobLeaseTable(database, limits.maxRunning(), limits.silence());
        this.agents = agents;
        this.limits = limits;
        this.crashPoints = crashPoints;
        this.wakes = new Wakes(
                new OpenJobTable(database, limits.maxRunning(), limits.silence()),
                new QueueSignals(database),
                limits.maxRunning() != Integer.MAX_VALUE);
        this.ends = new AttemptEnds(transactions, jobs, Map.copyOf(subjects), limits, random, wakes);
        this.lost = new LostAgents(transactions, leases, limits, ends);
    }

    /** Hears from now on what other managers of the same database tell. */
    public void listen() {
        wakes.listen();
    }

    /** Hears the other managers no more. */
    @Override
    public void close() {
        wakes.close();
    }

    /** The backup job of an instance that waits, if there is one; it is now taken as soon as one that is asked for. */
    public Optional<Long> waitingBackup(Instance instance) {
        return jobs.waitingBackup(instance.id());
    }

    /**
     * Adds a job to its instance's queue, in the transaction in which the caller adds what it is for. Returns its number.
     *
     * @throws InstanceGone when the instance was deleted
     */
    public long add(Instance instance, JobKind kind, JobOrigin origin) {
        long job = jobs.add(instance.id(), kind, origin).orElseThrow(InstanceGone::new);
        wakeAfterCommit(
                instance.id(),
                switch (kind) {
                    case BACKUP -> CrashPoint.BACKUP_QUEUED;
                    case RESTORE -> CrashPoint.RESTORE_QUEUED;
                });
        return job;
    }

    private void wakeAfterCommit(long instance, CrashPoint point) {
        transactions.afterCommit(() -> {
            crashPoints.reached(point);
            wakes.wake(instance);
        });
    }

    /** A backup is committed: the instance's next job may begin. */
    public void committed(Job job) {
        wakes.ended(job.instance());
    }

    /** Wakes the claims whose jobs are next in line: something that held them back is gone. */
    public void wakeNext() {
        wakes.wakeNext();
    }

    /** Moves a job that waits to the beginning or the end of its instance's queue. False when it does not wait. */
    public boolean move(long job, boolean first) {
        return jobs.move(job, first);
    }

    /** A job, if there is one of this number. */
    public Optional<Job> find(long job) {
        return jobs.find(job);
    }

    /** An agent began a session: what an older session of it holds is lost, and known to be lost at once. */
    public void beginSession(Instance instance, int position, String session) {
        if (leases.expireOlderSessions(instance.id(), position, session)) {
            lost.loseOf(instance.id());
        }
    }

    /** An agent is not let in any more: what it holds is lost, but a restore that is replacing live data waits for it. */
    public void lockOut(long instance, int position) {
        if (leases.expireOlderSessions(instance, position, "")) {
            lost.loseOf(instance);
        }
        wakes.wake(instance);
    }

    /**
     * Waits for a job and leases it.
     *
     * @param role of the agent's node, or null
     * @return empty when none came in time
     */
    public Optional<Job> claim(Instance instance, int position, String session, @Nullable NodeRole role, Duration wait)
            throws InterruptedException {
        JobLeaseTable.Node node = new JobLeaseTable.Node(instance.id(), position, session, role);
        long end = System.nanoTime() + wait.toNanos();
        while (true) {
            if (!agents.isPresent(instance.id(), position, session)) {
                return Optional.empty();
            }
            Duration untilDue = leases.untilDue(node).orElse(LOOK_AGAIN);
            if (untilDue.isZero()) {
                Optional<Job> job = leases.claim(node, limits.lease());
                if (job.isPresent()) {
                    if (!agents.isPresent(instance.id(), position, session)) {
                        // It was locked out, or began anew, while the job was given to it.
                        refuse(job.get().id(), instance, job.get().epoch(), GONE);
                        return Optional.empty();
                    }
                    log.info("job {} leased: {}", job.get().id(), describe(instance, job.get()));
                    crashPoints.reached(CrashPoint.JOB_LEASED);
                    return job;
                }
                untilDue = LOOK_AGAIN;
            }
            Duration left = Duration.ofNanos(end - System.nanoTime());
            if (!left.isPositive()) {
                return Optional.empty();
            }
            wakes.await(instance.id(), Collections.min(List.of(left, untilDue, LOOK_AGAIN)));
        }
    }

    /** Leases a restore that was cut off while it replaced live data to its agent again. Empty when it has ended. */
    public Optional<Job> resume(long job, Instance instance, int position, String session, int epoch) {
        return leases.resume(job, instance.id(), position, session, epoch, limits.lease());
    }

    /** Whether an attempt of a kind is live. For refusing early; what changes anything checks again on its own. */
    public boolean isLive(long job, Instance instance, int epoch, JobKind kind) {
        return leases.isLive(job, instance.id(), epoch, kind);
    }

    /** Fences callers that name a job which is not their instance's, or of another kind. */
    private Job own(long job, Instance instance) {
        return jobs.find(job).filter(each -> each.instance() == instance.id()).orElseThrow(Fenced::new);
    }

    private void requireOwn(long job, Instance instance, JobKind kind) {
        if (own(job, instance).kind() != kind) {
            throw new Fenced();
        }
    }

    /** Notes a heartbeat. */
    public Heartbeat.Ack heartbeat(long job, Instance instance, Heartbeat heartbeat) {
        boolean cancel =
                leases.heartbeat(job, instance.id(), heartbeat, limits.lease()).orElseThrow(Fenced::new);
        return new Heartbeat.Ack(cancel, Math.toIntExact(limits.lease().toSeconds()));
    }

    /** Gives a restore the leave to replace live data, unless it is to be cancelled. Asking again is fine. */
    public CutOver.Leave cutOver(long job, Instance instance, int epoch) {
        boolean granted =
                leases.cutOver(job, instance.id(), epoch, limits.lease()).orElseThrow(Fenced::new);
        if (granted) {
            crashPoints.reached(CrashPoint.CUT_OVER_GRANTED);
        }
        return granted ? CutOver.Leave.GRANTED : CutOver.Leave.CANCELLED;
    }

    /**
     * An agent has done its part: a backup is the manager's to prove from here on, a restore is done. The same report again
     * is fine.
     *
     * @param then what is noted of it, in the same transaction; not when it was reported before
     */
    public void reported(long job, Instance instance, JobKind kind, int epoch, Runnable then) {
        requireOwn(job, instance, kind);
        boolean moved = transactions.transaction(instance.id(), () -> {
            boolean first = switch (kind) {
                case BACKUP -> jobs.beginCommit(job, instance.id(), epoch);
                case RESTORE -> jobs.finish(job, instance.id(), epoch, JobState.RUNNING);
            };
            if (first) {
                then.run();
            }
            return first;
        });
        if (!moved) {
            requireReportedBefore(job, instance, epoch);
        }
        switch (kind) {
            case BACKUP -> crashPoints.reached(CrashPoint.BACKUP_REPORTED);
            case RESTORE -> {
                crashPoints.reached(CrashPoint.RESTORE_REPORTED);
                log.info("job {} done: restore of {}", job, instance.instanceId());
                wakes.ended(instance.id());
            }
        }
    }

    private void requireReportedBefore(long job, Instance instance, int epoch) {
        Job now = own(job, instance);
        boolean reported = now.epoch() == epoch && (now.state() == JobState.COMMITTING || now.state() == JobState.DONE);
        if (!reported) {
            throw new Fenced();
        }
    }

    /** An attempt failed, as its agent says. */
    public void failed(long job, Instance instance, JobFailure failure) {
        AttemptFailure reason = new AttemptFailure(failure.code(), failure.message(), failure.hint());
        own(job, instance);
        boolean mayRetry = failure.liveData() != LiveData.NEEDS_OPERATOR;
        if (!ends.end(job, instance.id(), failure.epoch(), reason, mayRetry, failure.liveData())) {
            throw new Fenced();
        }
    }

    /** A commit cannot be ended: the attempt has failed. False when it is not being committed any more. */
    public boolean commitFailed(Job job, AttemptFailure reason) {
        return ends.endCommit(job, reason);
    }

    /**
     * A commit has ended.
     *
     * @param then what is noted of it, in the same transaction; not when another was first
     */
    public void finishCommit(Job job, Runnable then) {
        transactions.transaction(job.instance(), () -> {
            boolean first = jobs.finish(job.id(), job.instance(), job.epoch(), JobState.COMMITTING);
            if (first) {
                then.run();
            }
            return first;
        });
    }

    /** The manager itself ends an attempt that it cannot give what it needs to begin. Live data is as it was. */
    public void refuse(long job, Instance instance, int epoch, AttemptFailure reason) {
        ends.end(job, instance.id(), epoch, reason, true, LiveData.UNTOUCHED);
    }

    /** Asks to cancel. False when it is too late for that. */
    public boolean cancel(long id) {
        Job job = jobs.get(id);
        boolean accepted = transactions.transaction(job.instance(), () -> {
            boolean requested = jobs.requestCancel(job.id());
            if (requested && jobs.get(job.id()).state() == JobState.CANCELLED) {
                ends.follow(job, JobState.CANCELLED, null, null);
            }
            return requested;
        });
        log.info("cancel of job {} {}", job.id(), accepted ? "accepted" : "refused");
        return accepted;
    }

    /**
     * Asks to cancel all jobs of an instance that have not ended.
     *
     * @return how many; those that have come too far are not among them
     */
    public int cancelAll(Instance instance) {
        return (int) jobs.open(instance.id()).stream()
                .filter(job -> cancel(job.id()))
                .count();
    }

    /** Takes jobs from agents that fell silent, see {@link LostAgents}. Called again and again, by one thread. */
    public void loseExpired() {
        lost.loseExpired();
    }

    private static String describe(Instance instance, Job job) {
        return job.kind() + " of " + instance.instanceId() + ", attempt " + job.epoch();
    }
}
