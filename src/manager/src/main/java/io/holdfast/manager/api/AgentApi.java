package io.holdfast.manager.api;

import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.manager.backup.BackupCommit;
import io.holdfast.manager.backup.StoredBackups;
import io.holdfast.manager.backup.UnreadableBackup;
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
import io.holdfast.manager.database.KeyVersions.KeyVersion;
import io.holdfast.manager.database.Restores;
import io.holdfast.manager.http.ClientCertificates;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.http.Route;
import io.holdfast.manager.http.Router;
import io.holdfast.manager.jobs.AgentIdentity;
import io.holdfast.manager.jobs.Fenced;
import io.holdfast.manager.jobs.JobQueue;
import io.holdfast.manager.keys.HeldIdentities;
import io.holdfast.manager.keys.KeyRing;
import io.holdfast.manager.store.StoreException;
import io.holdfast.protocol.Assignment;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.Claim;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Heartbeat;
import io.holdfast.protocol.Hello;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.PartUpload;
import io.holdfast.protocol.RestoreResult;
import io.holdfast.protocol.SegmentDownload;
import io.holdfast.protocol.Snapshots;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What agents ask, see {@link io.holdfast.protocol}. Which instance is meant comes from the caller's certificate alone;
 * a job of another instance is as good as fenced.
 */
public final class AgentApi {
    private static final Logger LOG = LoggerFactory.getLogger(AgentApi.class);
    private static final int SMALL_BODY = 256 * 1024;
    private static final int RESULT_BODY = 16 * 1024 * 1024;
    private static final int MAX_POLL_SECONDS = 300;

    private final ClientCertificates certificates;
    private final Instances instances;
    private final Agents agents;
    private final Backups backups;
    private final BackupSnapshots snapshots;
    private final Restores restores;
    private final JobQueue queue;
    private final KeyRing keys;
    private final HeldIdentities held;
    private final StoredBackups stored;
    private final Transfers transfers;
    private final ManagerConfig.Jobs limits;
    private final CrashPoints crashPoints;

    public AgentApi(
            ClientCertificates certificates,
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
        this.certificates = certificates;
        this.instances = instances;
        this.agents = agents;
        this.backups = backups;
        this.snapshots = snapshots;
        this.restores = restores;
        this.queue = queue;
        this.keys = keys;
        this.held = held;
        this.stored = stored;
        this.transfers = transfers;
        this.limits = limits;
        this.crashPoints = crashPoints;
    }

    /** Adds the agents' routes. */
    public void addTo(Router router) {
        router.add("POST", "/agent/v1/hello", answering(this::hello))
                .add("POST", "/agent/v1/claim", answering(this::claim))
                .add("POST", "/agent/v1/snapshots", answering(this::snapshots))
                .add("POST", "/agent/v1/jobs/{job}/resume", answering(this::resume))
                .add("POST", "/agent/v1/jobs/{job}/heartbeat", answering(this::heartbeat))
                .add("POST", "/agent/v1/jobs/{job}/parts", answering(this::part))
                .add("POST", "/agent/v1/jobs/{job}/downloads", answering(this::download))
                .add("POST", "/agent/v1/jobs/{job}/file-keys", answering(this::fileKeys))
                .add("POST", "/agent/v1/jobs/{job}/backup-complete", answering(this::backupComplete))
                .add("POST", "/agent/v1/jobs/{job}/restore-complete", answering(this::restoreComplete))
                .add("POST", "/agent/v1/jobs/{job}/fail", answering(this::fail));
    }

    /** Tells fenced attempts and troubles with the store as the errors that agents know. */
    private static Route answering(Route route) {
        return request -> {
            try {
                return route.handle(request);
            } catch (Fenced e) {
                throw new HttpError(ErrorCode.FENCED, String.valueOf(e.getMessage()), "stop; another attempt may run");
            } catch (StoreException e) {
                throw new HttpError(
                        ErrorCode.STORE_UNAVAILABLE,
                        "the store cannot be used: " + e.getMessage(),
                        "try again, and look at the store");
            }
        };
    }

    /** An agent whose certificate is good. */
    private AgentIdentity identity(Request request) {
        return AgentIdentity.of(certificates.verified(request), index(request))
                .orElseThrow(() -> new HttpError(
                        ErrorCode.FORBIDDEN,
                        "the client certificate does not name this agent",
                        "it needs an alternative name URI:holdfast://instance/<instance_id>/<number>; where it has several,"
                                + " the agent's manager.index says which one counts"));
    }

    private static @Nullable Integer index(Request request) {
        String index = request.headers().get(Hello.INDEX_HEADER);
        if (index == null) {
            return null;
        }
        if (!index.matches("[0-9]{1,4}")) {
            throw new HttpError(ErrorCode.BAD_REQUEST, "the header " + Hello.INDEX_HEADER + " is not a number");
        }
        return Integer.valueOf(index);
    }

    /** The caller's instance, which its hello has registered. */
    private Instance instance(AgentIdentity caller) {
        return instances
                .find(caller.instanceId())
                .orElseThrow(() -> new HttpError(
                        ErrorCode.UNKNOWN_SESSION, "this instance has not said hello", "say hello first"));
    }

    private Reply hello(Request request) throws Exception {
        AgentIdentity caller = identity(request);
        Hello hello = request.read(Hello.class, SMALL_BODY);
        Wire.requireWord(hello.service(), "service");
        Wire.requireWord(hello.session(), "session");
        if (instances.find(caller.instanceId()).isEmpty()) {
            instances.register(caller.instanceId(), hello.service());
        }
        Instance instance = instance(caller);
        if (!instance.service().equals(hello.service())) {
            instances.setService(instance.id(), hello.service());
        }
        agents.hello(instance.id(), caller.position(), hello);
        queue.beginSession(instance, caller.position(), hello.session());
        return Reply.json(
                200,
                new Hello.Welcome(
                        instance.instanceId(),
                        Math.toIntExact(limits.heartbeat().toSeconds()),
                        Math.toIntExact(limits.poll().toSeconds())));
    }

    private Reply claim(Request request) throws Exception {
        AgentIdentity caller = identity(request);
        Claim claim = request.read(Claim.class, SMALL_BODY);
        Instance instance = instance(caller);
        requirePresent(instance, caller, claim.session());
        agents.seen(instance.id(), caller.position(), claim.memory(), claim.role());
        Duration wait = Duration.ofSeconds(Math.clamp(claim.waitSeconds(), 0, MAX_POLL_SECONDS));
        Optional<Job> job = queue.claim(instance, caller.position(), claim.session(), claim.role(), wait);
        if (job.isEmpty()) {
            requirePresent(instance, caller, claim.session());
            return Reply.nothing();
        }
        try {
            return Reply.json(200, assignment(instance, job.get(), job.get().epoch() > 1));
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
        }
    }

    private void requirePresent(Instance instance, AgentIdentity caller, String session) {
        if (!agents.isPresent(instance.id(), caller.position(), session)) {
            throw new HttpError(ErrorCode.UNKNOWN_SESSION, "this session has not said hello", "say hello first");
        }
    }

    private Reply snapshots(Request request) throws Exception {
        AgentIdentity caller = identity(request);
        Snapshots found = request.read(Snapshots.class, RESULT_BODY);
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

    private Assignment assignment(Instance instance, Job job, boolean resume) {
        int leaseSeconds = Math.toIntExact(limits.lease().toSeconds());
        if (job.kind() == Kind.RESTORE) {
            Restores.Restore restore = restores.ofJob(job.id());
            Backup backup = backups.get(restore.backup());
            return new Assignment.Restore(
                    job.id(),
                    job.epoch(),
                    leaseSeconds,
                    restore.id(),
                    backup.backupId(),
                    backups.manifest(backup.id()).orElseThrow(),
                    limits.rollbackHours(),
                    resume);
        }
        Backup backup = backups.ofJob(job.id());
        KeyVersion key = keys.current(instance);
        backups.setKeyVersion(backup.id(), key.version());
        return new Assignment.Backup(
                job.id(),
                job.epoch(),
                leaseSeconds,
                backup.backupId(),
                keys.recipients(key),
                transfers.maxSegmentBytes(limits.maxSegmentBytes()));
    }

    private Reply resume(Request request) throws Exception {
        AgentIdentity caller = identity(request);
        Assignment.Resume resume = request.read(Assignment.Resume.class, SMALL_BODY);
        Instance instance = instance(caller);
        requirePresent(instance, caller, resume.session());
        Job job = queue.resume(request.number("job"), instance, caller.position(), resume.session(), resume.epoch())
                .orElseThrow(() -> new HttpError(ErrorCode.JOB_ENDED, "the restore has ended or is not yours"));
        return Reply.json(200, assignment(instance, job, true));
    }

    private Reply heartbeat(Request request) throws Exception {
        AgentIdentity caller = identity(request);
        Heartbeat heartbeat = request.read(Heartbeat.class, SMALL_BODY);
        Wire.requireWord(heartbeat.phase(), "phase");
        Instance instance = instance(caller);
        agents.seen(instance.id(), caller.position(), heartbeat.memory());
        return Reply.json(200, queue.heartbeat(request.number("job"), instance, heartbeat));
    }

    private Reply part(Request request) throws Exception {
        AgentIdentity caller = identity(request);
        PartUpload part = request.read(PartUpload.class, SMALL_BODY);
        Instance instance = instance(caller);
        long job = request.number("job");
        if (!queue.isLive(job, instance, part.epoch(), Kind.BACKUP)) {
            throw new Fenced();
        }
        return Reply.json(200, transfers.allowPart(instance, job, part));
    }

    private Reply download(Request request) throws Exception {
        AgentIdentity caller = identity(request);
        SegmentDownload download = request.read(SegmentDownload.class, SMALL_BODY);
        Instance instance = instance(caller);
        long job = request.number("job");
        if (!queue.isLive(job, instance, download.epoch(), Kind.RESTORE)) {
            throw new Fenced();
        }
        return Reply.json(
                200,
                transfers.allowRead(instance, backups.get(restores.ofJob(job).backup()), download));
    }

    private Reply fileKeys(Request request) throws Exception {
        AgentIdentity caller = identity(request);
        int epoch = request.read(Assignment.FileKeysRequest.class, SMALL_BODY).epoch();
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

    private Reply backupComplete(Request request) throws Exception {
        AgentIdentity caller = identity(request);
        BackupResult result = request.read(BackupResult.class, RESULT_BODY);
        try {
            BackupCommit.artifacts(result);
        } catch (IllegalArgumentException e) {
            throw new HttpError(ErrorCode.BAD_REQUEST, "field 'artifacts': " + e.getMessage());
        }
        queue.backupUploaded(request.number("job"), instance(caller), result);
        return Reply.nothing();
    }

    private Reply restoreComplete(Request request) throws Exception {
        AgentIdentity caller = identity(request);
        RestoreResult result = request.read(RestoreResult.class, RESULT_BODY);
        queue.restoreDone(request.number("job"), instance(caller), result);
        return Reply.nothing();
    }

    private Reply fail(Request request) throws Exception {
        AgentIdentity caller = identity(request);
        JobFailure failure = request.read(JobFailure.class, RESULT_BODY);
        queue.failed(request.number("job"), instance(caller), failure);
        return Reply.nothing();
    }
}
