package io.holdfast.manager.agentapi;

import io.holdfast.manager.backup.SegmentUploads;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.http.Router;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.jobs.Fenced;
import io.holdfast.manager.jobs.JobKind;
import io.holdfast.manager.jobs.JobQueue;
import io.holdfast.manager.restore.RestoreKeys;
import io.holdfast.manager.restore.SegmentReads;
import io.holdfast.protocol.Assignment;
import io.holdfast.protocol.PartUpload;
import io.holdfast.protocol.SegmentDownload;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

/** What agents ask that make and restore backups: addresses in the store, and the keys of what they restore. */
public final class AgentTransfersApi {
    private final AgentCalls calls;
    private final JobQueue queue;
    private final RestoreKeys keys;
    private final SegmentUploads uploads;
    private final SegmentReads reads;

    public AgentTransfersApi(
            AgentCalls calls, JobQueue queue, RestoreKeys keys, SegmentUploads uploads, SegmentReads reads) {
        this.calls = calls;
        this.queue = queue;
        this.keys = keys;
        this.uploads = uploads;
        this.reads = reads;
    }

    /** Adds the routes. */
    public void addTo(Router router) {
        router.add("POST", "/agent/v1/jobs/{job}/parts", calls.route(this::part))
                .add("POST", "/agent/v1/jobs/{job}/downloads", calls.route(this::download))
                .add("POST", "/agent/v1/jobs/{job}/file-keys", calls.route(this::fileKeys));
    }

    private Reply part(AgentCalls.Caller caller, Request request) throws Exception {
        PartUpload part = AgentCalls.words(request, PartUpload.class);
        Instance instance = calls.instance(caller);
        long job = request.number("job");
        requireLive(job, instance, part.epoch(), JobKind.BACKUP);
        return Reply.json(200, uploads.allowPart(instance, job, part));
    }

    private Reply download(AgentCalls.Caller caller, Request request) throws Exception {
        SegmentDownload download = AgentCalls.words(request, SegmentDownload.class);
        Instance instance = calls.instance(caller);
        long job = request.number("job");
        requireLive(job, instance, download.epoch(), JobKind.RESTORE);
        return Reply.json(200, reads.allowRead(instance, job, download));
    }

    private void requireLive(long job, Instance instance, int epoch, JobKind kind) {
        if (!queue.isLive(job, instance, epoch, kind)) {
            throw new Fenced();
        }
    }

    private Reply fileKeys(AgentCalls.Caller caller, Request request) throws Exception {
        int epoch = AgentCalls.words(request, Assignment.FileKeysRequest.class).epoch();
        List<Assignment.FileKey> found = keys.give(calls.instance(caller), request.number("job"), epoch).stream()
                .map(each -> new Assignment.FileKey(
                        each.artifact(),
                        each.segment(),
                        Base64.getEncoder().encodeToString(each.key().bytes())))
                .collect(Collectors.toList());
        return Reply.json(200, new Assignment.FileKeys(found));
    }
}
