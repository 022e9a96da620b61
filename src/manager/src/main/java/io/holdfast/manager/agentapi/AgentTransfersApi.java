package io.holdfast.manager.agentapi;

import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.http.Router;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.jobs.Fenced;
import io.holdfast.manager.jobs.JobKind;
import io.holdfast.manager.jobs.JobQueue;
import io.holdfast.manager.publishing.UploadAddresses;
import io.holdfast.manager.restore.DownloadAddresses;
import io.holdfast.protocol.SegmentDownloads;
import io.holdfast.protocol.SegmentUploads;

/** What agents ask that make and restore backups: addresses in the store, and the keys of what they restore. */
public final class AgentTransfersApi {
    private final AgentCalls calls;
    private final JobQueue queue;
    private final UploadAddresses uploads;
    private final DownloadAddresses downloads;

    public AgentTransfersApi(AgentCalls calls, JobQueue queue, UploadAddresses uploads, DownloadAddresses downloads) {
        this.calls = calls;
        this.queue = queue;
        this.uploads = uploads;
        this.downloads = downloads;
    }

    /** Adds the routes. */
    public void addTo(Router router) {
        router.add("POST", "/agent/v1/jobs/{job}/uploads", calls.route(this::upload))
                .add("POST", "/agent/v1/jobs/{job}/downloads", calls.route(this::download));
    }

    private Reply upload(AgentCalls.Caller caller, Request request) throws Exception {
        SegmentUploads asked = AgentCalls.uploads(request);
        Instance instance = calls.instance(caller);
        long job = request.number("job");
        if (!queue.isLive(job, instance, asked.epoch(), JobKind.BACKUP)) {
            throw new Fenced();
        }
        return Reply.json(200, new SegmentUploads.Answer(uploads.allow(instance, job, asked)));
    }

    private Reply download(AgentCalls.Caller caller, Request request) throws Exception {
        SegmentDownloads asked = AgentCalls.words(request, SegmentDownloads.class);
        return Reply.json(200, downloads.allow(calls.instance(caller), request.number("job"), asked));
    }
}
