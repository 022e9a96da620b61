package io.holdfast.manager.simulation;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.manager.ManagerCore;
import io.holdfast.manager.backup.StoredBackups.SegmentKey;
import io.holdfast.manager.backup.UnreadableBackup;
import io.holdfast.manager.database.Agents;
import io.holdfast.manager.database.Backups.Backup;
import io.holdfast.manager.database.Instances.Instance;
import io.holdfast.manager.database.Jobs.Job;
import io.holdfast.manager.database.Jobs.Kind;
import io.holdfast.manager.database.Jobs.Reason;
import io.holdfast.manager.database.KeyVersions.KeyVersion;
import io.holdfast.manager.database.Restores;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.jobs.Fenced;
import io.holdfast.manager.keys.KeyMismatchException;
import io.holdfast.manager.store.StoreException;
import io.holdfast.protocol.AgentMemory;
import io.holdfast.protocol.Assignment;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Heartbeat;
import io.holdfast.protocol.Hello;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.PartUpload;
import io.holdfast.protocol.RestoreResult;
import io.holdfast.protocol.SegmentDownload;
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
                .orElseThrow(() -> new HttpError(ErrorCode.UNKNOWN_SESSION, "this instance has not said hello"));
    }

    private void requirePresent(ManagerCore manager, Instance instance, String session) {
        if (!manager.agents.isPresent(instance.id(), position, session)) {
            throw new HttpError(ErrorCode.UNKNOWN_SESSION, "this session has not said hello");
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
                new Agents.Certificate("1", "0".repeat(64)),
                new Hello(session, "postgresql", "1", "host", "18", List.of(), List.of()));
        manager.queue.beginSession(instance, position, session);
        return session;
    }

    Optional<Assignment> claim(ManagerCore manager, String session) throws InterruptedException {
        Instance instance = instance(manager);
        requirePresent(manager, instance, session);
        manager.agents.seen(instance.id(), position, MEMORY);
        Optional<Job> job = manager.queue.claim(instance, position, session, null, Duration.ZERO);
        if (job.isEmpty()) {
            requirePresent(manager, instance, session);
            return Optional.empty();
        }
        world.coroutines().preempt();
        try {
            return Optional.of(
                    assignment(manager, instance, job.get(), job.get().epoch() > 1));
        } catch (StoreException e) {
            manager.queue.refuse(
                    job.get().id(),
                    instance,
                    job.get().epoch(),
                    new Reason(FailureCode.STORE_FAILED, "the instance's key could not be put into the store", null));
            return Optional.empty();
        } catch (KeyMismatchException e) {
            throw new AssertionError("no key was taken in from the store", e);
        }
    }

    private Assignment assignment(ManagerCore manager, Instance instance, Job job, boolean resume)
            throws KeyMismatchException {
        if (job.kind() == Kind.RESTORE) {
            return restore(manager, job, resume);
        }
        int lease = Math.toIntExact(world.settings().jobs().lease().toSeconds());
        Backup backup = manager.backups.ofJob(job.id());
        KeyVersion key = manager.keys.current(instance);
        world.coroutines().preempt();
        manager.backups.setKeyVersion(backup.id(), key.version());
        return new Assignment.Backup(
                job.id(),
                job.epoch(),
                lease,
                backup.backupId(),
                manager.keys.recipients(key),
                world.settings().jobs().maxSegmentBytes());
    }

    private Assignment restore(ManagerCore manager, Job job, boolean resume) {
        Restores.Restore restore = manager.restores.ofJob(job.id());
        Backup backup = manager.backups.get(restore.backup());
        return new Assignment.Restore(
                job.id(),
                job.epoch(),
                Math.toIntExact(world.settings().jobs().lease().toSeconds()),
                restore.id(),
                backup.backupId(),
                manager.backups.manifest(backup.id()).orElseThrow(),
                24,
                resume,
                null);
    }

    Optional<Assignment> resume(ManagerCore manager, String session, long job, int epoch) {
        Instance instance = instance(manager);
        requirePresent(manager, instance, session);
        return manager.queue
                .resume(job, instance, position, session, epoch)
                .map(resumed -> restore(manager, resumed, true));
    }

    Heartbeat.Ack heartbeat(ManagerCore manager, long job, int epoch, String phase) {
        Instance instance = instance(manager);
        manager.agents.seen(instance.id(), position, MEMORY);
        return manager.queue.heartbeat(
                job, instance, new Heartbeat(epoch(manager, job, epoch), phase, null, 0, 0, null, MEMORY));
    }

    PartUpload.Address part(ManagerCore manager, long job, PartUpload wanted) {
        Instance instance = instance(manager);
        PartUpload part = new PartUpload(
                epoch(manager, job, wanted.epoch()),
                wanted.artifact(),
                wanted.segment(),
                wanted.part(),
                wanted.size(),
                wanted.md5());
        if (!manager.queue.isLive(job, instance, part.epoch(), Kind.BACKUP)) {
            throw new Fenced();
        }
        world.coroutines().preempt();
        return manager.transfers.allowPart(instance, job, part);
    }

    SegmentDownload.Address download(ManagerCore manager, long job, SegmentDownload download) {
        Instance instance = instance(manager);
        if (!manager.queue.isLive(job, instance, download.epoch(), Kind.RESTORE)) {
            throw new Fenced();
        }
        world.coroutines().preempt();
        return manager.transfers.allowRead(
                instance, manager.backups.get(manager.restores.ofJob(job).backup()), download);
    }

    List<SegmentKey> fileKeys(ManagerCore manager, long job, int epoch) {
        Instance instance = instance(manager);
        if (!manager.queue.isLive(job, instance, epoch, Kind.RESTORE)
                || !manager.queue.takeKeys(job, instance, epoch)) {
            throw new Fenced();
        }
        world.coroutines().preempt();
        Backup backup = manager.backups.get(manager.restores.ofJob(job).backup());
        try {
            Manifest manifest = manager.stored.manifest(instance, backup);
            return manager.stored.keys(manager.stored.identity(instance, manifest), manifest);
        } catch (UnreadableBackup e) {
            manager.queue.refuse(job, instance, epoch, new Reason(e.code(), String.valueOf(e.getMessage()), null));
            throw new Fenced();
        }
    }

    boolean backupComplete(ManagerCore manager, long job, BackupResult result) {
        BackupResult reported = new BackupResult(
                epoch(manager, job, result.epoch()),
                result.engineVersion(),
                result.artifacts(),
                result.facts(),
                result.notes());
        manager.queue.backupUploaded(job, instance(manager), reported);
        return true;
    }

    boolean restoreComplete(ManagerCore manager, long job, int epoch) {
        manager.queue.restoreDone(
                job,
                instance(manager),
                new RestoreResult(epoch(manager, job, epoch), List.of(), List.of(), List.of(), List.of()));
        return true;
    }

    boolean fail(ManagerCore manager, long job, int epoch, FailureCode code, JobFailure.LiveData liveData) {
        boolean restore = manager.jobs.find(job).orElseThrow(Fenced::new).kind() == Kind.RESTORE;
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
