package io.holdfast.manager.api;

import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.manager.backup.BackupCommit;
import io.holdfast.manager.backup.StoredBackups;
import io.holdfast.manager.backup.UnreadableBackup;
import io.holdfast.manager.config.AgentNames;
import io.holdfast.manager.config.ManagerConfig;
import io.holdfast.manager.crash.CrashPoint;
import io.holdfast.manager.crash.CrashPoints;
import io.holdfast.manager.database.Agents;
import io.holdfast.manager.database.BackupSnapshots;
import io.holdfast.manager.database.Backups;
import io.holdfast.manager.database.Backups.Backup;
import io.holdfast.manager.database.Instances;
import io.holdfast.manager.database.Instances.Instance;
import io.holdfast.manager.database.Jobs.Job;
import io.holdfast.manager.database.Jobs.Kind;
import io.holdfast.manager.database.Jobs.Reason;
import io.holdfast.manager.database.RefusedAgents;
import io.holdfast.manager.database.Restores;
import io.holdfast.manager.http.ClientCertificates;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.http.Router;
import io.holdfast.manager.jobs.Fenced;
import io.holdfast.manager.jobs.JobQueue;
import io.holdfast.manager.keys.HeldIdentities;
import io.holdfast.manager.keys.KeyMismatchException;
import io.holdfast.manager.keys.KeyRing;
import io.holdfast.manager.store.StoreException;
import io.holdfast.protocol.Assignment;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.Capability;
import io.holdfast.protocol.Claim;
import io.holdfast.protocol.CutOver;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Heartbeat;
import io.holdfast.protocol.Hello;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.PartUpload;
import io.holdfast.protocol.ProtocolVersion;
import io.holdfast.protocol.RestoreResult;
import io.holdfast.protocol.SegmentDownload;
import io.holdfast.protocol.Snapshots;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What agents ask, see {@link io.holdfast.protocol}. Which instance is meant comes from the caller's certificate alone;
 * a job of another instance is as good as fenced.
 */
public final class AgentApi {
    private static final Logger LOG = LoggerFactory.getLogger(AgentApi.class);
    private static final int MAX_POLL_SECONDS = 300;

    private final AgentCalls calls;
    private final Instances instances;
    private final Agents agents;
    private final Backups backups;
    private final BackupSnapshots snapshots;
    private final Restores restores;
    private final JobQueue queue;
    private final Assignments assignments;
    private final HeldIdentities held;
    private final StoredBackups stored;
    private final Transfers transfers;
    private final ManagerConfig.Jobs limits;
    private final CrashPoints crashPoints;

    public AgentApi(
            ClientCertificates certificates,
            RefusedAgents refused,
            AgentNames names,
            Instances instances,
            Agents agents,
            Backups backups,
            BackupSnapshots snapshots,
            Restores restores,
            JobQueue queue,
            KeyRing keys,
            HeldIdentities held,
            StoredBackups stored,
            Transfers transfers,
            ManagerConfig.Jobs limits,
            CrashPoints crashPoints) {
        this.calls = new AgentCalls(certificates, refused, names);
        this.instances = instances;
        this.agents = agents;
        this.backups = backups;
        this.snapshots = snapshots;
        this.restores = restores;
        this.queue = queue;
        this.assignments = new Assignments(backups, restores, keys, transfers, limits);
        this.held = held;
        this.stored = stored;
        this.transfers = transfers;
        this.limits = limits;
        this.crashPoints = crashPoints;
    }

    /** Adds the agents' routes. */
    public void addTo(Router router) {
        router.add("POST", "/agent/v1/hello", calls.routeAlone(this::hello))
                .add("POST", "/agent/v1/claim", calls.route(this::claim))
                .add("POST", "/agent/v1/snapshots", calls.routeAlone(this::snapshots))
                .add("POST", "/agent/v1/jobs/{job}/resume", calls.route(this::resume))
                .add("POST", "/agent/v1/jobs/{job}/heartbeat", calls.route(this::heartbeat))
                .add("POST", "/agent/v1/jobs/{job}/cut-over", calls.route(this::cutOver))
                .add("POST", "/agent/v1/jobs/{job}/parts", calls.route(this::part))
                .add("POST", "/agent/v1/jobs/{job}/downloads", calls.route(this::download))
                .add("POST", "/agent/v1/jobs/{job}/file-keys", calls.route(this::fileKeys))
                .add("POST", "/agent/v1/jobs/{job}/backup-complete", calls.routeAlone(this::backupComplete))
                .add("POST", "/agent/v1/jobs/{job}/restore-complete", calls.routeAlone(this::restoreComplete))
                .add("POST", "/agent/v1/jobs/{job}/fail", calls.routeAlone(this::fail));
    }

    /** The caller's instance, which its hello has registered. */
    private Instance instance(AgentCalls.Caller caller) {
        return instances
                .find(caller.instanceId())
                .orElseThrow(() -> new HttpError(
                        ErrorCode.UNKNOWN_SESSION, "this instance has not said hello", "say hello first"));
    }

    private Reply hello(AgentCalls.Caller caller, Request request) throws Exception {
        Hello hello = AgentCalls.hello(request);
        instances.register(caller.instanceId(), hello.service());
        Instance instance = instances.findAlsoDeleted(caller.instanceId()).orElseThrow();
        if (instance.deletedAt() != null) {
            // Whoever deleted it meant it; an agent that is still there must not undo that.
            throw new HttpError(
                    ErrorCode.INSTANCE_DELETED,
                    "instance " + caller.instanceId() + " was deleted",
                    "if it is to be backed up again, register it with PUT /instances/" + caller.instanceId());
        }
        if (!instance.service().equals(hello.service())) {
            instances.setService(instance.id(), hello.service());
        }
        int protocol = agree(instance, caller, hello);
        queue.beginSession(instance, caller.position(), hello.session());
        return Reply.json(
                200,
                new Hello.Welcome(
                        instance.instanceId(),
                        Math.toIntExact(limits.heartbeat().toSeconds()),
                        Math.toIntExact(limits.poll().toSeconds()),
                        hello.protocol() == null ? null : protocol));
    }

    /** Which protocol is spoken with an agent: the newest that both know. */
    private int agree(Instance instance, AgentCalls.Caller caller, Hello hello) {
        int newest = ProtocolVersion.named(hello.protocol());
        String spoken = "the agent of release " + hello.version() + " speaks protocol " + newest + ", this manager "
                + ProtocolVersion.OLDEST + " to " + ProtocolVersion.NEWEST;
        if (newest < ProtocolVersion.OLDEST) {
            agents.hello(instance.id(), caller.position(), caller.certificate(), hello, newest);
            throw new HttpError(
                    ErrorCode.PROTOCOL_TOO_OLD, spoken, "deploy the manager's release to the agent's deployment");
        }
        boolean newer = newest > ProtocolVersion.NEWEST;
        if (newer) {
            LOG.warn("instance {}: {}", instance.instanceId(), spoken);
        }
        int protocol = Math.min(newest, ProtocolVersion.NEWEST);
        agents.hello(
                instance.id(),
                caller.position(),
                caller.certificate(),
                newer ? hello.withWarning(spoken + ": deploy its release to the manager too") : hello,
                protocol);
        return protocol;
    }

    private Reply claim(AgentCalls.Caller caller, Request request) throws Exception {
        Claim claim = AgentCalls.words(request, Claim.class);
        Instance instance = instance(caller);
        requirePresent(instance, caller, claim.session());
        agents.seen(instance.id(), caller.position(), claim.memory(), claim.role());
        Duration wait = Duration.ofSeconds(Math.clamp(claim.waitSeconds(), 0, MAX_POLL_SECONDS));
        Optional<Job> job = queue.claim(instance, caller.position(), claim.session(), claim.role(), wait);
        if (job.isEmpty()) {
            requirePresent(instance, caller, claim.session());
            return Reply.nothing();
        }
        Agents.Skills skills = agents.skills(instance.id(), caller.position());
        Set<Capability> missing = assignments.needs(job.get());
        missing.removeAll(skills.capabilities());
        if (!missing.isEmpty()) {
            queue.refuse(
                    job.get().id(),
                    instance,
                    job.get().epoch(),
                    new Reason(
                            FailureCode.AGENT_OUTDATED,
                            "the instance's agent, of release " + skills.version() + ", cannot do it; it lacks: "
                                    + missing.stream().map(Capability::word).collect(Collectors.joining(", ")),
                            "have the manager's release deployed to the agent, then ask for it again"));
            return Reply.nothing();
        }
        try {
            return assigned(instance, job.get(), skills);
        } catch (StoreException e) {
            queue.refuse(
                    job.get().id(),
                    instance,
                    job.get().epoch(),
                    new Reason(
                            FailureCode.STORE_FAILED,
                            "the instance's key could not be put into the store: " + e.getMessage(),
                            "look at the store; the job is tried again"));
            return Reply.nothing();
        } catch (KeyMismatchException e) {
            queue.refuse(
                    job.get().id(),
                    instance,
                    job.get().epoch(),
                    new Reason(
                            FailureCode.KEY_UNPROVEN,
                            String.valueOf(e.getMessage()),
                            "make a new key version with the instance's encryption key: POST /instances/{id}/keys"));
            return Reply.nothing();
        }
    }

    private void requirePresent(Instance instance, AgentCalls.Caller caller, String session) {
        if (!agents.isPresent(instance.id(), caller.position(), session)) {
            throw new HttpError(ErrorCode.UNKNOWN_SESSION, "this session has not said hello", "say hello first");
        }
    }

    private Reply snapshots(AgentCalls.Caller caller, Request request) throws Exception {
        Snapshots found = AgentCalls.snapshots(request);
        Instance instance = instance(caller);
        requirePresent(instance, caller, found.session());
        if (found.failure() != null) {
            List<String> missing = snapshots.unseen(instance.id(), found.failure());
            LOG.error(
                    "instance {}: the agent cannot look at the service's own repository: {}; backups that count no more: {}",
                    instance.instanceId(),
                    found.failure(),
                    missing);
            return Reply.json(200, new Snapshots.Answer(List.of()));
        }
        BackupSnapshots.Difference difference = snapshots.compare(instance.id(), found.backups());
        if (!difference.missing().isEmpty()) {
            LOG.error(
                    "instance {}: the agent does not find the snapshots of these backups, which cannot be restored now: {}",
                    instance.instanceId(),
                    difference.missing());
        }
        if (!difference.back().isEmpty()) {
            LOG.info(
                    "instance {}: the snapshots of these backups are back: {}",
                    instance.instanceId(),
                    difference.back());
        }
        return Reply.json(200, new Snapshots.Answer(difference.unneeded()));
    }

    private Reply assigned(Instance instance, Job job, Agents.Skills skills) throws KeyMismatchException {
        Assignment assignment = assignments.of(instance, job);
        return Reply.json(
                200, skills.protocol() == ProtocolVersion.FIRST ? FirstProtocol.message(assignment) : assignment);
    }

    private Reply resume(AgentCalls.Caller caller, Request request) throws Exception {
        Assignment.Resume resume = AgentCalls.words(request, Assignment.Resume.class);
        Instance instance = instance(caller);
        requirePresent(instance, caller, resume.session());
        Job job = queue.resume(request.number("job"), instance, caller.position(), resume.session(), resume.epoch())
                .orElseThrow(() -> new HttpError(ErrorCode.JOB_ENDED, "the restore has ended or is not yours"));
        return assigned(instance, job, agents.skills(instance.id(), caller.position()));
    }

    private Reply heartbeat(AgentCalls.Caller caller, Request request) throws Exception {
        Heartbeat heartbeat = AgentCalls.words(request, Heartbeat.class);
        Instance instance = instance(caller);
        agents.seen(instance.id(), caller.position(), heartbeat.memory());
        if (heartbeat.phase().replacesLiveData()
                && agents.skills(instance.id(), caller.position()).protocol() == ProtocolVersion.FIRST) {
            FirstProtocol.cutOver(queue, request.number("job"), instance, heartbeat);
        }
        return Reply.json(200, queue.heartbeat(request.number("job"), instance, heartbeat));
    }

    private Reply cutOver(AgentCalls.Caller caller, Request request) throws Exception {
        int epoch = AgentCalls.words(request, CutOver.class).epoch();
        return Reply.json(200, new CutOver.Answer(queue.cutOver(request.number("job"), instance(caller), epoch)));
    }

    private Reply part(AgentCalls.Caller caller, Request request) throws Exception {
        PartUpload part = AgentCalls.words(request, PartUpload.class);
        Instance instance = instance(caller);
        long job = request.number("job");
        if (!queue.isLive(job, instance, part.epoch(), Kind.BACKUP)) {
            throw new Fenced();
        }
        return Reply.json(200, transfers.allowPart(instance, job, part));
    }

    private Reply download(AgentCalls.Caller caller, Request request) throws Exception {
        SegmentDownload download = AgentCalls.words(request, SegmentDownload.class);
        Instance instance = instance(caller);
        long job = request.number("job");
        if (!queue.isLive(job, instance, download.epoch(), Kind.RESTORE)) {
            throw new Fenced();
        }
        return Reply.json(
                200,
                transfers.allowRead(instance, backups.get(restores.ofJob(job).backup()), download));
    }

    private Reply fileKeys(AgentCalls.Caller caller, Request request) throws Exception {
        int epoch = AgentCalls.words(request, Assignment.FileKeysRequest.class).epoch();
        Instance instance = instance(caller);
        long job = request.number("job");
        if (!queue.isLive(job, instance, epoch, Kind.RESTORE) || !queue.takeKeys(job, instance, epoch)) {
            throw new Fenced();
        }
        crashPoints.reached(CrashPoint.FILE_KEYS_TAKEN);
        Restores.Restore restore = restores.ofJob(job);
        Backup backup = backups.get(restore.backup());
        Optional<byte[]> sealed = restores.sealed(restore.id());
        X25519Identity byPassphrase = sealed.map(held::open).orElse(null);
        if (sealed.isPresent() && byPassphrase == null) {
            queue.refuse(
                    job,
                    instance,
                    epoch,
                    new Reason(
                            FailureCode.KEY_LOST,
                            "the encryption key that the restore was begun with was only in memory, and that is gone: the"
                                    + " manager was started again",
                            "live data is untouched; begin the restore again with the encryption key"));
            throw new Fenced();
        }
        try {
            Manifest manifest = stored.manifest(instance, backup);
            X25519Identity identity = byPassphrase != null ? byPassphrase : stored.identity(instance, manifest);
            List<Assignment.FileKey> found = stored.keys(identity, manifest).stream()
                    .map(each -> new Assignment.FileKey(
                            each.artifact(),
                            each.segment(),
                            Base64.getEncoder().encodeToString(each.key().bytes())))
                    .collect(Collectors.toList());
            return Reply.json(200, new Assignment.FileKeys(found));
        } catch (UnreadableBackup e) {
            queue.refuse(
                    job,
                    instance,
                    epoch,
                    new Reason(
                            e.code(),
                            "backup " + backup.backupId() + ": " + e.getMessage(),
                            "live data is untouched; restore another backup, and look at the store"));
            throw new Fenced();
        }
    }

    private Reply backupComplete(AgentCalls.Caller caller, Request request) throws Exception {
        BackupResult result = AgentCalls.backupResult(request);
        try {
            BackupCommit.artifacts(result);
        } catch (IllegalArgumentException e) {
            throw new HttpError(ErrorCode.BAD_REQUEST, "field 'artifacts': " + e.getMessage());
        }
        queue.backupUploaded(request.number("job"), instance(caller), result);
        return Reply.nothing();
    }

    private Reply restoreComplete(AgentCalls.Caller caller, Request request) throws Exception {
        RestoreResult result = AgentCalls.restoreResult(request);
        queue.restoreDone(request.number("job"), instance(caller), result);
        return Reply.nothing();
    }

    private Reply fail(AgentCalls.Caller caller, Request request) throws Exception {
        JobFailure failure = AgentCalls.failure(request);
        queue.failed(request.number("job"), instance(caller), failure);
        return Reply.nothing();
    }
}
