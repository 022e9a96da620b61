package io.holdfast.agent.work;

import io.holdfast.agent.adapter.Locking;
import io.holdfast.agent.adapter.OwnRepository;
import io.holdfast.agent.adapter.RestoreJournal;
import io.holdfast.agent.adapter.ServiceInspection;
import io.holdfast.agent.attempt.Attempt;
import io.holdfast.agent.attempt.AttemptId;
import io.holdfast.agent.attempt.CrashPoint;
import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.JobId;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.manager.Backoff;
import io.holdfast.agent.manager.ManagerClient;
import io.holdfast.agent.manager.ManagerException;
import io.holdfast.agent.manager.OlderManagerException;
import io.holdfast.protocol.Assignment;
import io.holdfast.protocol.Capability;
import io.holdfast.protocol.Claim;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Hello;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.Phase;
import io.holdfast.protocol.ProtocolVersion;
import io.holdfast.protocol.Refusal;
import io.holdfast.protocol.Snapshots;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent's life: unlocks what a crash has left locked, says hello, ends what a crash cut off, then takes one job after
 * the other.
 */
public final class JobLoop {
    private static final Logger LOG = LoggerFactory.getLogger(JobLoop.class);
    /** Has the machine's name, whether or not anybody knows an address for it. */
    private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");

    private static final Duration TIDY_EVERY = Duration.ofHours(1);
    private static final Duration REPORT_PATIENCE = Duration.ofMinutes(2);
    private static final Duration SETTLE_PATIENCE = Duration.ofMinutes(10);

    private final AgentContext context;
    private final CrashPoints crashPoints;
    private final String version;
    private final StatusFile status;
    private final LastLife lastLife;
    private final String session;
    private final Object lock = new Object();
    private @Nullable StopSignal current;
    private List<String> warned = List.of();
    private boolean stopping;
    private long tidiedAt;

    public JobLoop(
            AgentContext context, String version, StatusFile status, LastLife lastLife, CrashPoints crashPoints) {
        this.context = context;
        this.crashPoints = crashPoints;
        this.lastLife = lastLife;
        this.version = version;
        this.status = status;
        byte[] bytes = new byte[16];
        context.random().nextBytes(bytes);
        this.session = HexFormat.of().formatHex(bytes);
    }

    /** Works until {@link #stop} is called. */
    public void run() throws IOException, InterruptedException {
        if (context.adapter() instanceof Locking locking) {
            locking.unlockLeft(); // the manager may be away for long
        }
        Hello.Welcome welcome = hello();
        recover(welcome);
        Backoff backoff = new Backoff(context.random());
        while (!stopping()) {
            tidy();
            try {
                Optional<Assignment> assignment = context.manager()
                        .claim(new Claim(
                                session,
                                welcome.pollSeconds(),
                                context.memory().now(),
                                context.duty().role()));
                backoff = new Backoff(context.random());
                ready(welcome);
                if (assignment.isPresent()) {
                    crashPoints.reached(CrashPoint.JOB_CLAIMED);
                    work(assignment.get(), welcome);
                    recover(welcome);
                }
            } catch (ManagerException e) {
                if (e.is(Refusal.UNKNOWN_SESSION)) {
                    LOG.info("the manager does not know this session; registering again");
                    welcome = hello();
                } else {
                    LOG.warn("claim refused: {}", e.getMessage());
                    notReady(e);
                    backoff.pause();
                }
            } catch (IOException e) {
                LOG.warn("the manager cannot be reached: {}", e.toString());
                notReady(e);
                backoff.pause();
            } catch (RuntimeException | LinkageError | VirtualMachineError e) {
                // Between two jobs: an agent that ends for it would be started again, and meet it again.
                LOG.error("unexpected error; continuing", e);
                notReady(e);
                backoff.pause();
            }
        }
    }

    /**
     * Takes no further job, gives the one that runs some time to end, and then stops it: it is handed back.
     *
     * @param finish how long a running job may go on
     * @param wait how long after that it may clean up
     */
    public void stop(Duration finish, Duration wait) throws InterruptedException {
        StopSignal running;
        synchronized (lock) {
            stopping = true;
            running = current;
        }
        status.write(StatusFile.State.STOPPING, "it was told to stop");
        awaitIdle(finish);
        if (running != null) {
            running.stop(StopSignal.Reason.AGENT_STOPPED);
        }
        awaitIdle(wait);
        lastLife.close();
    }

    private void awaitIdle(Duration wait) throws InterruptedException {
        long end = System.nanoTime() + wait.toNanos();
        synchronized (lock) {
            for (long left = wait.toMillis(); current != null && left > 0; ) {
                lock.wait(left);
                left = Duration.ofNanos(end - System.nanoTime()).toMillis();
            }
        }
    }

    private void ready(Hello.Welcome welcome) {
        if (!stopping()) {
            status.write(StatusFile.State.READY, "instance " + welcome.instanceId());
        }
    }

    private void notReady(Throwable reason) {
        if (!stopping()) {
            status.write(
                    StatusFile.State.CONNECTING,
                    reason instanceof ManagerException || reason instanceof OlderManagerException
                            ? String.valueOf(reason.getMessage())
                            : reason.toString());
        }
    }

    /** Also when the manager refuses it: an operator may mend that at the manager. */
    private Hello.Welcome hello() throws InterruptedException {
        Backoff backoff = new Backoff(context.random());
        while (true) {
            try {
                Hello.Welcome welcome = helloOnce();
                ready(welcome);
                return welcome;
            } catch (IOException e) {
                LOG.warn("the manager has not accepted this agent: {}", e.toString());
                notReady(e);
                backoff.pause();
            } catch (RuntimeException | LinkageError | VirtualMachineError e) {
                LOG.error("unexpected error before the agent was registered", e);
                notReady(e);
                backoff.pause();
            }
        }
    }

    private Hello.Welcome helloOnce() throws IOException, InterruptedException {
        ServiceInspection inspection = context.adapter().inspect();
        List<String> warnings = new ArrayList<>(lastLife.warnings());
        warnings.addAll(inspection.warnings());
        if (!warnings.equals(warned)) {
            warnings.forEach(LOG::warn);
            warned = List.copyOf(warnings);
        }
        Hello hello = new Hello(
                session,
                context.adapter().service(),
                version,
                Files.readString(HOST_NAME).strip(),
                inspection.serverVersion(),
                inspection.tools(),
                Brief.sentences(warnings),
                ProtocolVersion.NEWEST,
                Capability.words());
        Hello.Welcome welcome = context.manager().hello(hello, Duration.ZERO);
        LOG.info("agent of instance {} is ready", welcome.instanceId());
        return welcome;
    }

    private void work(Assignment assignment, Hello.Welcome welcome) throws InterruptedException {
        Attempt attempt = Attempt.begin(new AttemptId(new JobId(assignment.jobId()), assignment.epoch()), crashPoints);
        LOG.info("{}: begins: {}", attempt.id(), kind(assignment));
        boolean good = run(attempt, assignment, welcome, false, () -> {
            switch (assignment) {
                case Assignment.Backup backup -> new BackupRun(context, backup, attempt).run();
                case Assignment.Restore restore -> new RestoreRun(context, attempt).run(restore, welcome.instanceId());
            }
        });
        LOG.info(
                "{}: {}, {} bytes of plaintext, {} of ciphertext",
                attempt.id(),
                good ? "done" : "over",
                attempt.progress().bytesIn(),
                attempt.progress().bytesOut());
    }

    private interface Task {
        void run() throws IOException, InterruptedException;
    }

    /** Runs a task under the attempt's lease, and reports its failure. */
    private boolean run(Attempt attempt, Assignment assignment, Hello.Welcome welcome, boolean settling, Task task)
            throws InterruptedException {
        Thread worker = Thread.currentThread();
        begin(attempt.stop());
        lastLife.works(attempt.id().job(), kind(assignment));
        try (Heartbeats _ = new Heartbeats(
                context.manager(),
                attempt,
                assignment.leaseSeconds(),
                Duration.ofSeconds(welcome.heartbeatSeconds()),
                context.memory())) {
            try (StopSignal.Registration _ = attempt.stop().onStop(worker::interrupt)) {
                task.run();
            }
            return true;
        } catch (IOException | InterruptedException | RuntimeException | LinkageError | VirtualMachineError e) {
            Thread.interrupted(); // it has done its work
            if (settling || liveData(attempt.id()) == JobFailure.LiveData.UNTOUCHED) {
                reportFailure(attempt, assignment, e);
            } else {
                LOG.warn(
                        "job {}: interrupted while live data was replaced; continuing from the journal",
                        attempt.id().job(),
                        e);
            }
            return false;
        } finally {
            // A stop that came just as the work ended has interrupted this thread for nothing.
            Thread.interrupted();
            lastLife.idle();
            end();
        }
    }

    private void reportFailure(Attempt attempt, Assignment assignment, Throwable cause) throws InterruptedException {
        JobFailure.LiveData liveData = switch (assignment) {
            case Assignment.Backup backup -> null;
            case Assignment.Restore restore -> liveData(attempt.id());
        };
        Optional<JobFailure> failure = Failures.report(attempt, cause, liveData);
        if (failure.isEmpty()) {
            LOG.warn("{}: stopped: the job is no longer this agent's", attempt.id());
            return;
        }
        LOG.warn("{}: {}: {}", attempt.id(), failure.get().code(), failure.get().message());
        try {
            context.manager().fail(attempt.id().job(), failure.get(), REPORT_PATIENCE);
        } catch (IOException e) {
            LOG.warn(
                    "job {}: the failure could not be reported: {}",
                    attempt.id().job(),
                    e.toString());
        }
    }

    /**
     * A journal of the job past the staging that is still there after a failure could not be brought to its end. Those of
     * other jobs say nothing about this one.
     */
    private JobFailure.LiveData liveData(AttemptId attempt) {
        try {
            boolean unsettled = RestoreJournal.left(context.journals()).stream()
                    .map(RestoreJournal::entry)
                    .anyMatch(entry -> entry.attempt().job().equals(attempt.job())
                            && entry.phase() != RestoreJournal.Phase.STAGING);
            return unsettled ? JobFailure.LiveData.NEEDS_OPERATOR : JobFailure.LiveData.UNTOUCHED;
        } catch (IOException e) {
            return JobFailure.LiveData.NEEDS_OPERATOR;
        }
    }

    /** Ends the restores that a crash, or a failure after the swap, has left unfinished. */
    private void recover(Hello.Welcome welcome) throws IOException, InterruptedException {
        for (RestoreJournal journal : RestoreJournal.left(context.journals())) {
            LOG.warn(
                    "restore {} was interrupted in phase {}",
                    journal.entry().restoreId(),
                    journal.entry().phase());
            resume(journal, welcome);
        }
    }

    /** Also one that was cut off while it staged: the manager may have been told already that it replaces live data. */
    private void resume(RestoreJournal journal, Hello.Welcome welcome) throws IOException, InterruptedException {
        RestoreJournal.Entry entry = journal.entry();
        Phase phase = entry.phase() == RestoreJournal.Phase.STAGING ? Phase.STAGING : Phase.SWAPPING;
        try {
            Assignment assignment = context.manager()
                    .resume(
                            entry.attempt().job(),
                            new Assignment.Resume(session, entry.epoch()),
                            ManagerClient.FOREVER);
            journal.epoch(assignment.epoch());
            Attempt attempt = Attempt.begin(journal.entry().attempt(), crashPoints);
            attempt.progress().enter(phase);
            run(attempt, assignment, welcome, true, () -> {
                attempt.stop().shield();
                settle(journal, attempt);
            });
        } catch (ManagerException e) {
            LOG.warn("restore {}: ended without the manager: {}", entry.restoreId(), e.getMessage());
            try {
                settle(journal, Attempt.begin(entry.attempt(), crashPoints));
            } catch (IOException failure) {
                LOG.warn("restore {}: {}", entry.restoreId(), failure.getMessage());
            }
        }
    }

    /** The server may be starting just like the agent, so this is tried for some time. */
    private void settle(RestoreJournal journal, Attempt attempt) throws IOException, InterruptedException {
        Backoff backoff = new Backoff(context.random());
        long end = System.nanoTime() + SETTLE_PATIENCE.toNanos();
        while (true) {
            try {
                new RestoreRun(context, attempt).settle(journal);
                return;
            } catch (JobException e) {
                if (e.code() != FailureCode.SERVICE_UNREACHABLE || System.nanoTime() - end >= 0) {
                    throw e;
                }
                LOG.warn("restore {}: {}", journal.entry().restoreId(), e.getMessage());
                backoff.pause();
            }
        }
    }

    private void tidy() throws InterruptedException {
        long now = System.nanoTime();
        if (tidiedAt != 0 && now - tidiedAt < TIDY_EVERY.toNanos()) {
            return;
        }
        tidiedAt = now;
        try {
            context.adapter().tidy();
        } catch (IOException e) {
            LOG.warn("replaced data could not be cleaned up: {}", e.getMessage());
        }
        if (context.adapter() instanceof OwnRepository repository) {
            try {
                compareSnapshots(repository);
            } catch (IOException e) {
                LOG.warn("the backups in the service's own repository could not be listed: {}", e.getMessage());
            }
        }
    }

    /** The manager learns which are there, and says which are not needed any more. */
    private void compareSnapshots(OwnRepository repository) throws IOException, InterruptedException {
        Optional<List<String>> found;
        try {
            found = repository.snapshots();
        } catch (JobException e) {
            if (e.code() != FailureCode.SERVICE_UNREACHABLE) { // which says nothing about the repository
                context.manager().snapshots(new Snapshots(session, List.of(), Failures.message(e)));
            }
            throw e;
        }
        if (found.isPresent()) {
            List<String> unneeded = context.manager()
                    .snapshots(new Snapshots(session, found.get(), null))
                    .unneeded();
            if (!unneeded.isEmpty()) {
                LOG.info("removing the snapshots of backups that were deleted: {}", unneeded);
                repository.removeSnapshots(unneeded);
            }
        }
    }

    private static String kind(Assignment assignment) {
        return switch (assignment) {
            case Assignment.Backup backup -> "backup " + backup.backupId();
            case Assignment.Restore restore -> "restore of " + restore.backupId();
        };
    }

    private boolean stopping() {
        synchronized (lock) {
            return stopping;
        }
    }

    private void begin(StopSignal stop) {
        synchronized (lock) {
            current = stop;
            if (stopping) {
                stop.stop(StopSignal.Reason.AGENT_STOPPED);
            }
        }
    }

    private void end() {
        synchronized (lock) {
            current = null;
            lock.notifyAll();
        }
    }
}
