package io.holdfast.manager.simulation;

import io.holdfast.manager.ManagerCore;
import io.holdfast.manager.agentapi.Assignments;
import io.holdfast.manager.agents.AgentCertificate;
import io.holdfast.manager.assignment.JobStarts.Started;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.jobs.Fenced;
import io.holdfast.manager.jobs.JobKind;
import io.holdfast.manager.publishing.OutOfBounds;
import io.holdfast.protocol.Address;
import io.holdfast.protocol.AgentMemory;
import io.holdfast.protocol.Assignment;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.BorrowedSegments;
import io.holdfast.protocol.Capability;
import io.holdfast.protocol.CutOver;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Heartbeat;
import io.holdfast.protocol.Hello;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.LentSegments;
import io.holdfast.protocol.Phase;
import io.holdfast.protocol.ProtocolVersion;
import io.holdfast.protocol.RestoreResult;
import io.holdfast.protocol.SegmentDownloads;
import io.holdfast.protocol.SegmentUploads;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What {@code AgentApi} does about an agent's requests, without HTTP; between its steps others may run. */
final class AgentRequests {
    private static final AgentMemory MEMORY = new AgentMemory(1, 1, 1, 1, null);

    private final World world;
    private final String instanceId;
    private final int position;

    AgentRequests(World world, String instanceId, int position) {
        this.world = world;
        this.instanceId = instanceId;
        this.position = position;
    }

    private Instance instance(ManagerCore manager) {
        return manager.instances
                .find(instanceId)
                .orElseThrow(() -> new HttpError(ErrorCode.UNKNOWN_SESSION, "this instance is not registered"));
    }

    private void requirePresent(ManagerCore manager, Instance instance, String session) {
        if (!manager.agents.isPresent(instance.id(), position, session)) {
            throw new HttpError(ErrorCode.UNKNOWN_SESSION, "this session is unknown");
        }
    }

    /** The epoch in whose name everything follows that the current request changes of its job. */
    private int epoch(ManagerCore manager, long job, int epoch) {
        int used = world.sabotage() == Sabotage.EPOCHS_ARE_NOT_CHECKED
                ? manager.jobs.get(job).epoch()
                : epoch;
        world.invariants().actFor(job, epoch, "RUNNING");
        return used;
    }

    String hello(ManagerCore manager, String session) {
        manager.instances.register(instanceId, "postgresql");
        world.coroutines().preempt();
        Instance instance = instance(manager);
        manager.agents.hello(
                instance.id(),
                position,
                new AgentCertificate("1", "0".repeat(64)),
                new Hello(
                        session,
                        "postgresql",
                        "1",
                        "host",
                        "18",
                        List.of(),
                        List.of(),
                        ProtocolVersion.NEWEST,
                        Capability.words()),
                ProtocolVersion.NEWEST);
        manager.queue.beginSession(instance, position, session);
        return session;
    }

    Optional<Assignment> claim(ManagerCore manager, String session) throws InterruptedException {
        Instance instance = instance(manager);
        requirePresent(manager, instance, session);
        manager.agents.seen(instance.id(), position, MEMORY);
        Optional<Started> started = manager.starts.claim(instance, position, session, null, Duration.ZERO);
        if (started.isEmpty()) {
            requirePresent(manager, instance, session);
        }
        return started.map(each -> Assignments.of(each, world.settings().jobs()));
    }

    Optional<Assignment> resume(ManagerCore manager, String session, long job, int epoch) {
        Instance instance = instance(manager);
        requirePresent(manager, instance, session);
        return manager.starts
                .resume(job, instance, position, session, epoch)
                .map(each -> Assignments.of(each, world.settings().jobs()));
    }

    Heartbeat.Ack heartbeat(ManagerCore manager, long job, int epoch, Phase phase) {
        Instance instance = instance(manager);
        manager.agents.seen(instance.id(), position, MEMORY);
        return manager.queue.heartbeat(
                job, instance, new Heartbeat(epoch(manager, job, epoch), phase, null, 0, 0, null, MEMORY));
    }

    CutOver.Leave cutOver(ManagerCore manager, long job, int epoch) {
        return manager.queue.cutOver(job, instance(manager), epoch(manager, job, epoch));
    }

    List<Address> uploads(ManagerCore manager, long job, SegmentUploads wanted) {
        Instance instance = instance(manager);
        SegmentUploads asked = new SegmentUploads(epoch(manager, job, wanted.epoch()), wanted.segments());
        if (!manager.queue.isLive(job, instance, asked.epoch(), JobKind.BACKUP)) {
            throw new Fenced();
        }
        world.coroutines().preempt();
        return manager.uploads.allow(instance, job, asked);
    }

    LentSegments.Answer lent(ManagerCore manager, long job, LentSegments asked) {
        Instance instance = instance(manager);
        if (!manager.queue.isLive(job, instance, epoch(manager, job, asked.epoch()), JobKind.BACKUP)) {
            throw new Fenced();
        }
        return manager.lending.lent(instance, job, asked);
    }

    boolean borrow(ManagerCore manager, long job, BorrowedSegments wanted) {
        Instance instance = instance(manager);
        BorrowedSegments asked = new BorrowedSegments(epoch(manager, job, wanted.epoch()), wanted.segments());
        if (!manager.queue.isLive(job, instance, asked.epoch(), JobKind.BACKUP)) {
            throw new Fenced();
        }
        world.coroutines().preempt();
        try {
            manager.lending.borrow(instance, job, asked);
        } catch (OutOfBounds e) {
            // The lender's list was damaged since it was lent.
            throw new HttpError(ErrorCode.BAD_REQUEST, String.valueOf(e.getMessage()));
        }
        return true;
    }

    SegmentDownloads.Answer downloads(ManagerCore manager, long job, SegmentDownloads asked) {
        return manager.downloads.allow(instance(manager), job, asked);
    }

    boolean backupComplete(ManagerCore manager, long job, BackupResult result) {
        BackupResult reported = new BackupResult(
                epoch(manager, job, result.epoch()),
                result.engineVersion(),
                result.artifacts(),
                result.facts(),
                result.notes());
        manager.backupJobs.uploaded(job, instance(manager), reported);
        return true;
    }

    boolean restoreComplete(ManagerCore manager, long job, int epoch) {
        manager.restoreJobs.done(
                job,
                instance(manager),
                new RestoreResult(epoch(manager, job, epoch), List.of(), List.of(), List.of(), List.of()));
        return true;
    }

    boolean fail(ManagerCore manager, long job, int epoch, FailureCode code, JobFailure.LiveData liveData) {
        boolean restore = manager.jobs.find(job).orElseThrow(Fenced::new).kind() == JobKind.RESTORE;
        manager.queue.failed(
                job,
                instance(manager),
                new JobFailure(
                        epoch(manager, job, epoch),
                        code,
                        "as the simulation wants it",
                        null,
                        restore ? liveData : null));
        return true;
    }
}
