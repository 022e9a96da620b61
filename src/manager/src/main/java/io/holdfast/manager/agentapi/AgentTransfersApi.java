package io.holdfast.manager.agentapi;

import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.http.Router;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.jobs.Fenced;
import io.holdfast.manager.jobs.JobKind;
import io.holdfast.manager.jobs.JobQueue;
import io.holdfast.manager.publishing.Lending;
import io.holdfast.manager.publishing.UploadAddresses;
import io.holdfast.manager.restore.DownloadAddresses;
import io.holdfast.protocol.BorrowedSegments;
import io.holdfast.protocol.LentSegments;
import io.holdfast.protocol.SegmentDownloads;
import io.holdfast.protocol.SegmentUploads;
import java.util.Map;

/** What agents ask that make and restore backups: addresses in the store, and the keys of what they restore. */
public final class AgentTransfersApi {
    private final AgentCalls calls;
    private final JobQueue queue;
    private final UploadAddresses uploads;
    private final DownloadAddresses downloads;
    private final Lending lending;

    public AgentTransfersApi(
            AgentCalls calls, JobQueue queue, UploadAddresses uploads, Lending lending, DownloadAddresses downloads) {
        this.lending = lending;
        this.calls = calls;
        this.queue = queue;
        this.uploads = uploads;
        this.downloads = downloads;
    }

    /** Adds the routes. */
    public void addTo(Router router) {
        router.add("POST", "/agent/v1/jobs/{job}/uploads", calls.route(this::upload))
                .add("POST", "/agent/v1/jobs/{job}/lent", calls.route(this::lent))
                .add("POST", "/agent/v1/jobs/{job}/borrowed", calls.route(this::borrow))
                .add("POST", "/agent/v1/jobs/{job}/downloads", calls.route(this::download));
    }

    private Reply upload(AgentCalls.Caller caller, Request request) throws Exception {
        SegmentUploads asked = AgentCalls.uploads(request);
        Instance instance = calls.instance(caller);
        long job = live(instance, request, asked.epoch());
        return Reply.json(200, new SegmentUploads.Answer(uploads.allow(instance, job, asked)));
    }

    private Reply lent(AgentCalls.Caller caller, Request request) throws Exception {
        LentSegments asked = AgentCalls.words(request, LentSegments.class);
        Instance instance = calls.instance(caller);
        long job = live(instance, request, asked.epoch());
        return Reply.json(200, lending.lent(instance, job, asked));
    }

    private Reply borrow(AgentCalls.Caller caller, Request request) throws Exception {
        BorrowedSegments asked = AgentCalls.borrowed(request);
        Instance instance = calls.instance(caller);
        lending.borrow(instance, live(instance, request, asked.epoch()), asked);
        return Reply.json(200, Map.of());
    }

    private long live(Instance instance, Request request, int epoch) {
        long job = request.number("job");
        if (!queue.isLive(job, instance, epoch, JobKind.BACKUP)) {
            throw new Fenced();
        }
        return job;
    }

    private Reply download(AgentCalls.Caller caller, Request request) throws Exception {
        SegmentDownloads asked = AgentCalls.words(request, SegmentDownloads.class);
        return Reply.json(200, downloads.allow(calls.instance(caller), request.number("job"), asked));
    }
}
