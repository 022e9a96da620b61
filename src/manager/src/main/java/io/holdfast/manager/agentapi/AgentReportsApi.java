package io.holdfast.manager.agentapi;

import io.holdfast.manager.backup.BackupJobs;
import io.holdfast.manager.backup.BackupSnapshots;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.http.Router;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.jobs.JobQueue;
import io.holdfast.manager.publishing.BackupCommit;
import io.holdfast.manager.publishing.Commits;
import io.holdfast.manager.restore.RestoreJobs;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.RestoreResult;
import io.holdfast.protocol.Snapshots;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What agents report: what came of a job, and which snapshots they find. */
public final class AgentReportsApi {
    private static final Logger log = LoggerFactory.getLogger(AgentReportsApi.class);

    private final AgentCalls calls;
    private final BackupSnapshots snapshots;
    private final JobQueue queue;
    private final Commits commits;
    private final BackupJobs backupJobs;
    private final RestoreJobs restoreJobs;

    public AgentReportsApi(
            AgentCalls calls,
            BackupSnapshots snapshots,
            JobQueue queue,
            Commits commits,
            BackupJobs backupJobs,
            RestoreJobs restoreJobs) {
        this.calls = calls;
        this.snapshots = snapshots;
        this.queue = queue;
        this.commits = commits;
        this.backupJobs = backupJobs;
        this.restoreJobs = restoreJobs;
    }

    /** Adds the routes. */
    public void addTo(Router router) {
        router.add("POST", "/agent/v1/snapshots", calls.routeAlone(this::snapshots))
                .add("POST", "/agent/v1/jobs/{job}/backup-complete", calls.routeAlone(this::backupComplete))
                .add("POST", "/agent/v1/jobs/{job}/restore-complete", calls.routeAlone(this::restoreComplete))
                .add("POST", "/agent/v1/jobs/{job}/fail", calls.routeAlone(this::fail));
    }

    private Reply snapshots(AgentCalls.Caller caller, Request request) throws Exception {
        Snapshots found = AgentCalls.snapshots(request);
        Instance instance = calls.instance(caller);
        calls.requirePresent(instance, caller, found.session());
        if (found.failure() != null) {
            List<String> missing = snapshots.unseen(instance.id(), found.failure());
            log.error(
                    "instance {}: the agent cannot look at the service's own repository: {}; backups that no longer count: {}",
                    instance.instanceId(),
                    found.failure(),
                    missing);
            return Reply.json(200, new Snapshots.Answer(List.of()));
        }
        BackupSnapshots.Difference difference = snapshots.compare(instance.id(), found.backups());
        if (!difference.missing().isEmpty()) {
            log.error(
                    "instance {}: the agent does not find the snapshots of these backups, which cannot be restored now: {}",
                    instance.instanceId(),
                    difference.missing());
        }
        if (!difference.back().isEmpty()) {
            log.info(
                    "instance {}: the snapshots of these backups are back: {}",
                    instance.instanceId(),
                    difference.back());
        }
        return Reply.json(200, new Snapshots.Answer(difference.unneeded()));
    }

    private Reply backupComplete(AgentCalls.Caller caller, Request request) throws Exception {
        BackupResult result = AgentCalls.backupResult(request);
        try {
            BackupCommit.requireSayable(result);
        } catch (IllegalArgumentException e) {
            throw new HttpError(ErrorCode.BAD_REQUEST, "field 'artifacts': " + e.getMessage());
        }
        backupJobs.uploaded(request.number("job"), calls.instance(caller), result);
        commits.begin();
        return Reply.nothing();
    }

    private Reply restoreComplete(AgentCalls.Caller caller, Request request) throws Exception {
        RestoreResult result = AgentCalls.restoreResult(request);
        restoreJobs.done(request.number("job"), calls.instance(caller), result);
        return Reply.nothing();
    }

    private Reply fail(AgentCalls.Caller caller, Request request) throws Exception {
        JobFailure failure = AgentCalls.failure(request);
        queue.failed(request.number("job"), calls.instance(caller), failure);
        return Reply.nothing();
    }
}
