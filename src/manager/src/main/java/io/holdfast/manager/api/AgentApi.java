package io.holdfast.manager.api;

import io.holdfast.manager.backup.BackupCommit;
import io.holdfast.manager.backup.Commits;
import io.holdfast.manager.config.ManagerConfig;
import io.holdfast.manager.database.Agents;
import io.holdfast.manager.database.BackupSnapshots;
import io.holdfast.manager.database.Instances;
import io.holdfast.manager.database.Instances.Instance;
import io.holdfast.manager.database.Jobs.Job;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.http.Router;
import io.holdfast.manager.jobs.JobQueue;
import io.holdfast.manager.jobs.JobStarts;
import io.holdfast.manager.jobs.JobStarts.Started;
import io.holdfast.protocol.Assignment;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.Claim;
import io.holdfast.protocol.CutOver;
import io.holdfast.protocol.Heartbeat;
import io.holdfast.protocol.Hello;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.ProtocolVersion;
import io.holdfast.protocol.RestoreResult;
import io.holdfast.protocol.Snapshots;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
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
    private final BackupSnapshots snapshots;
    private final JobQueue queue;
    private final Commits commits;
    private final JobStarts starts;
    private final Transfers transfers;
    private final ManagerConfig.Jobs limits;

    public AgentApi(
            AgentCalls calls,
            Instances instances,
            Agents agents,
            BackupSnapshots snapshots,
            JobQueue queue,
            Commits commits,
            JobStarts starts,
            Transfers transfers,
            ManagerConfig.Jobs limits) {
        this.calls = calls;
        this.instances = instances;
        this.agents = agents;
        this.snapshots = snapshots;
        this.queue = queue;
        this.commits = commits;
        this.starts = starts;
        this.transfers = transfers;
        this.limits = limits;
    }

    /** Adds the agents' routes. */
    public void addTo(Router router) {
        router.add("POST", "/agent/v1/hello", calls.routeAlone(this::hello))
                .add("POST", "/agent/v1/claim", calls.route(this::claim))
                .add("POST", "/agent/v1/snapshots", calls.routeAlone(this::snapshots))
                .add("POST", "/agent/v1/jobs/{job}/resume", calls.route(this::resume))
                .add("POST", "/agent/v1/jobs/{job}/heartbeat", calls.route(this::heartbeat))
                .add("POST", "/agent/v1/jobs/{job}/cut-over", calls.route(this::cutOver))
                .add("POST", "/agent/v1/jobs/{job}/backup-complete", calls.routeAlone(this::backupComplete))
                .add("POST", "/agent/v1/jobs/{job}/restore-complete", calls.routeAlone(this::restoreComplete))
                .add("POST", "/agent/v1/jobs/{job}/fail", calls.routeAlone(this::fail));
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
        Instance instance = calls.instance(caller);
        requirePresent(instance, caller, claim.session());
        agents.seen(instance.id(), caller.position(), claim.memory(), claim.role());
        Duration wait = Duration.ofSeconds(Math.clamp(claim.waitSeconds(), 0, MAX_POLL_SECONDS));
        Optional<Started> started = starts.claim(instance, caller.position(), claim.session(), claim.role(), wait);
        if (started.isEmpty()) {
            requirePresent(instance, caller, claim.session());
            return Reply.nothing();
        }
        return assigned(started.get());
    }

    private void requirePresent(Instance instance, AgentCalls.Caller caller, String session) {
        if (!agents.isPresent(instance.id(), caller.position(), session)) {
            throw new HttpError(ErrorCode.UNKNOWN_SESSION, "this session has not said hello", "say hello first");
        }
    }

    private Reply snapshots(AgentCalls.Caller caller, Request request) throws Exception {
        Snapshots found = AgentCalls.snapshots(request);
        Instance instance = calls.instance(caller);
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

    private Reply assigned(Started started) {
        Assignment assignment = assignment(started);
        boolean first = started.protocol() == ProtocolVersion.FIRST;
        return Reply.json(200, first ? FirstProtocol.message(assignment) : assignment);
    }

    private Assignment assignment(Started started) {
        Job job = started.job();
        int leaseSeconds = Math.toIntExact(limits.lease().toSeconds());
        return switch (started) {
            case Started.ForBackup it ->
                new Assignment.Backup(
                        job.id(),
                        job.epoch(),
                        leaseSeconds,
                        it.backup().backupId(),
                        it.recipients(),
                        transfers.maxSegmentBytes(limits.maxSegmentBytes()));
            case Started.ForRestore it ->
                new Assignment.Restore(
                        job.id(),
                        job.epoch(),
                        leaseSeconds,
                        it.restore().id(),
                        it.backup().backupId(),
                        it.manifest(),
                        limits.rollbackHours(),
                        it.restore().skipBroken() ? true : null);
        };
    }

    private Reply resume(AgentCalls.Caller caller, Request request) throws Exception {
        Assignment.Resume resume = AgentCalls.words(request, Assignment.Resume.class);
        Instance instance = calls.instance(caller);
        requirePresent(instance, caller, resume.session());
        Started started = starts.resume(
                        request.number("job"), instance, caller.position(), resume.session(), resume.epoch())
                .orElseThrow(() -> new HttpError(ErrorCode.JOB_ENDED, "the restore has ended or is not yours"));
        return assigned(started);
    }

    private Reply heartbeat(AgentCalls.Caller caller, Request request) throws Exception {
        Heartbeat heartbeat = AgentCalls.words(request, Heartbeat.class);
        Instance instance = calls.instance(caller);
        agents.seen(instance.id(), caller.position(), heartbeat.memory());
        if (heartbeat.phase().replacesLiveData()
                && agents.skills(instance.id(), caller.position()).protocol() == ProtocolVersion.FIRST) {
            FirstProtocol.cutOver(queue, request.number("job"), instance, heartbeat);
        }
        return Reply.json(200, queue.heartbeat(request.number("job"), instance, heartbeat));
    }

    private Reply cutOver(AgentCalls.Caller caller, Request request) throws Exception {
        int epoch = AgentCalls.words(request, CutOver.class).epoch();
        return Reply.json(200, new CutOver.Answer(queue.cutOver(request.number("job"), calls.instance(caller), epoch)));
    }

    private Reply backupComplete(AgentCalls.Caller caller, Request request) throws Exception {
        BackupResult result = AgentCalls.backupResult(request);
        try {
            BackupCommit.artifacts(result);
        } catch (IllegalArgumentException e) {
            throw new HttpError(ErrorCode.BAD_REQUEST, "field 'artifacts': " + e.getMessage());
        }
        queue.backupUploaded(request.number("job"), calls.instance(caller), result);
        commits.begin();
        return Reply.nothing();
    }

    private Reply restoreComplete(AgentCalls.Caller caller, Request request) throws Exception {
        RestoreResult result = AgentCalls.restoreResult(request);
        queue.restoreDone(request.number("job"), calls.instance(caller), result);
        return Reply.nothing();
    }

    private Reply fail(AgentCalls.Caller caller, Request request) throws Exception {
        JobFailure failure = AgentCalls.failure(request);
        queue.failed(request.number("job"), calls.instance(caller), failure);
        return Reply.nothing();
    }
}
