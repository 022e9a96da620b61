package io.holdfast.manager.jobs;

import io.holdfast.format.json.Json;
import io.holdfast.manager.config.ManagerConfig;
import io.holdfast.manager.crash.CrashPoint;
import io.holdfast.manager.crash.CrashPoints;
import io.holdfast.manager.database.Agents;
import io.holdfast.manager.database.Backups;
import io.holdfast.manager.database.Backups.Backup;
import io.holdfast.manager.database.Database;
import io.holdfast.manager.database.Instances.Instance;
import io.holdfast.manager.database.JobLeases;
import io.holdfast.manager.database.Jobs;
import io.holdfast.manager.database.Jobs.Job;
import io.holdfast.manager.database.Jobs.Kind;
import io.holdfast.manager.database.Jobs.Reason;
import io.holdfast.manager.database.OpenJobs;
import io.holdfast.manager.database.QueueSignals;
import io.holdfast.manager.database.Restores;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.CutOver;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Heartbeat;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.NodeRole;
import io.holdfast.protocol.RestoreResult;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
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
    private static final DateTimeFormatter BACKUP_TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    /** A job becomes visible without a wake when its retry is due or a signal was lost. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(15);

    private static final Reason GONE =
            new Reason(FailureCode.AGENT_LOST, "the agent was gone before it got the job", null);

    private final Database database;
    private final Jobs jobs;
    private final JobLeases leases;
    private final Backups backups;
    private final Restores restores;
    private final Agents agents;
    private final ManagerConfig.Jobs limits;
    private final RandomGenerator random;
    private final CrashPoints crashPoints;
    private final Wakes wakes;
    private final AttemptEnds ends;
    private final LostAgents lost;

    public JobQueue(
            Database database,
            Agents agents,
            ManagerConfig.Jobs limits,
            RandomGenerator random,
            CrashPoints crashPoints) {
        this.database = database;
        this.jobs = new Jobs(database);
        this.leases = new JobLeases(database, limits.maxRunning(), limits.silence());
        this.backups = new Backups(database);
        this.restores = new Restores(database);
        this.agents = agents;
        this.limits = limits;
        this.random = random;
        this.crashPoints = crashPoints;
        this.wakes = new Wakes(
                new OpenJobs(database, limits.maxRunning(), limits.silence()),
                new QueueSignals(database),
                limits.maxRunning() != Integer.MAX_VALUE);
        this.ends = new AttemptEnds(database, jobs, backups, limits, random, wakes);
        this.lost = new LostAgents(database, leases, restores, limits, ends);
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

    /**
     * A backup that somebody asked for.
     *
     * @param number the backup's
     * @param added whether it was queued now; else one waited already, and another would have the same in it
     */
    public record Ordered(long number, boolean added) {}

    /**
     * Queues a backup that somebody asked for, unless one of this instance waits already.
     *
     * @throws InstanceGone when the instance was deleted
     */
    public Ordered queueBackup(Instance instance) {
        return database.transaction(
                instance.id(),
                () -> jobs.waitingBackup(instance.id())
                        .map(job -> new Ordered(backups.ofJob(job).id(), false))
                        .orElseGet(() -> new Ordered(add(instance, jobs::add).number(), true)));
    }

    /**
     * Queues a backup that the schedule asked for. Returns its job's number.
     *
     * @throws InstanceGone when the instance was deleted
     */
    public long queueScheduledBackup(Instance instance) {
        return add(instance, (id, kind) -> jobs.addScheduledBackup(id)).job();
    }

    private record Queued(long number, long job) {}

    private interface Addition {
        Optional<Long> job(long instance, Kind kind);
    }

    private Queued add(Instance instance, Addition addition) {
        Queued queued = database.transaction(instance.id(), () -> {
            byte[] suffix = new byte[4];
            random.nextBytes(suffix);
            String name =
                    BACKUP_TIME.format(database.now()) + "-" + HexFormat.of().formatHex(suffix);
            long job = addition.job(instance.id(), Kind.BACKUP).orElseThrow(InstanceGone::new);
            return new Queued(backups.add(instance.id(), job, name), job);
        });
        wakeAfterCommit(instance.id(), CrashPoint.BACKUP_QUEUED);
        return queued;
    }

    /**
     * Queues a restore of a backup into its own instance. Returns the restore's number.
     *
     * @throws InstanceGone when the instance was deleted
     */
    public long queueRestore(Instance instance, Backup backup) {
        long id = database.transaction(
                instance.id(),
                () -> restores.add(
                        instance.id(),
                        backup.id(),
                        jobs.add(instance.id(), Kind.RESTORE).orElseThrow(InstanceGone::new)));
        wakeAfterCommit(instance.id(), CrashPoint.RESTORE_QUEUED);
        return id;
    }

    private void wakeAfterCommit(long instance, CrashPoint point) {
        database.afterCommit(() -> {
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
        JobLeases.Node node = new JobLeases.Node(instance.id(), position, session, role);
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

    /** Whether an attempt of a kind is live. For refusing early; what changes anything checks again by itself. */
    public boolean isLive(long job, Instance instance, int epoch, Kind kind) {
        return leases.isLive(job, instance.id(), epoch, kind);
    }

    /** Fences callers that name a job which is not their instance's, or of another kind. */
    private Job own(long job, Instance instance) {
        return jobs.find(job).filter(each -> each.instance() == instance.id()).orElseThrow(Fenced::new);
    }

    private void requireOwn(long job, Instance instance, Kind kind) {
        if (own(job, instance).kind() != kind) {
            throw new Fenced();
        }
    }

    /** Takes an attempt's one chance to get its file keys. False when it had it, or is not live. */
    public boolean takeKeys(long job, Instance instance, int epoch) {
        return leases.takeKeys(job, instance.id(), epoch);
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

    /** A backup is uploaded: from here on it is the manager's to prove. The same report again is fine. */
    public void backupUploaded(long job, Instance instance, BackupResult result) {
        requireOwn(job, instance, Kind.BACKUP);
        boolean begun = database.transaction(instance.id(), () -> {
            boolean moved = jobs.beginCommit(job, instance.id(), result.epoch());
            if (moved) {
                backups.markUploaded(backups.ofJob(job).id(), Json.mapper().writeValueAsString(result));
            }
            return moved;
        });
        if (!begun) {
            requireReportedBefore(job, instance, result.epoch());
        }
        crashPoints.reached(CrashPoint.BACKUP_REPORTED);
    }

    /** A restore is live. The same report again is fine. */
    public void restoreDone(long job, Instance instance, RestoreResult result) {
        requireOwn(job, instance, Kind.RESTORE);
        boolean done = database.transaction(instance.id(), () -> {
            boolean moved = jobs.finish(job, instance.id(), result.epoch(), Jobs.State.RUNNING);
            if (moved) {
                restores.setResult(job, Json.mapper().writeValueAsString(result));
            }
            return moved;
        });
        if (!done) {
            requireReportedBefore(job, instance, result.epoch());
        }
        crashPoints.reached(CrashPoint.RESTORE_REPORTED);
        log.info("job {} done: restore of {}", job, instance.instanceId());
        wakes.ended(instance.id());
    }

    private void requireReportedBefore(long job, Instance instance, int epoch) {
        Job now = own(job, instance);
        boolean reported =
                now.epoch() == epoch && (now.state() == Jobs.State.COMMITTING || now.state() == Jobs.State.DONE);
        if (!reported) {
            throw new Fenced();
        }
    }

    /** An attempt failed, as its agent says. */
    public void failed(long job, Instance instance, JobFailure failure) {
        JobFailure.@Nullable LiveData liveData = failure.liveData();
        Reason reason = new Reason(failure.code(), failure.message(), failure.hint());
        own(job, instance);
        boolean ended = database.transaction(instance.id(), () -> {
            boolean moved = ends.end(
                            job,
                            instance.id(),
                            failure.epoch(),
                            Jobs.State.RUNNING,
                            reason,
                            liveData != JobFailure.LiveData.NEEDS_OPERATOR)
                    .isPresent();
            if (moved && liveData != null) {
                restores.setLiveData(job, liveData);
            }
            return moved;
        });
        if (!ended) {
            throw new Fenced();
        }
    }

    /** A commit found that the store does not have what the agent sent, or that the store cannot be used. */
    public void commitFailed(Job job, Reason reason) {
        database.transaction(job.instance(), () -> {
            // Another manager that works on the same commit may have come further: then the store had it all.
            return backups.manifest(backups.ofJob(job.id()).id()).isEmpty()
                    && ends.end(job.id(), job.instance(), job.epoch(), Jobs.State.COMMITTING, reason, true)
                            .isPresent();
        });
    }

    /** The manager itself ends an attempt that it cannot give what it needs to begin. Live data is as it was. */
    public void refuse(long job, Instance instance, int epoch, Reason reason) {
        database.transaction(instance.id(), () -> {
            boolean ended = ends.end(job, instance.id(), epoch, Jobs.State.RUNNING, reason, true)
                    .isPresent();
            if (ended && jobs.get(job).kind() == Kind.RESTORE) {
                restores.setLiveData(job, JobFailure.LiveData.UNTOUCHED);
            }
            return ended;
        });
    }

    /** Asks to cancel. False when it is too late for that. */
    public boolean cancel(long id) {
        Job job = jobs.get(id);
        boolean accepted = database.transaction(job.instance(), () -> {
            boolean requested = jobs.requestCancel(job.id());
            if (requested && jobs.get(job.id()).state() == Jobs.State.CANCELLED) {
                ends.followBackup(job, Jobs.State.CANCELLED);
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
