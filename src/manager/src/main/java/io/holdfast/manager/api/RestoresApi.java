package io.holdfast.manager.api;

import static io.holdfast.manager.access.GuardedRoutes.BODY;
import static io.holdfast.manager.access.GuardedRoutes.readNothing;

import io.holdfast.manager.access.GuardedRoutes;
import io.holdfast.manager.access.Preparation.Prepared;
import io.holdfast.manager.access.Right;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.jobs.JobQueue;
import io.holdfast.manager.restore.Restore;
import io.holdfast.manager.restore.RestoreRequests;
import io.holdfast.manager.wire.Listing;
import io.holdfast.manager.wire.Lookup;
import io.holdfast.manager.wire.Restoring;
import io.holdfast.manager.wire.Wire;
import io.holdfast.manager.wire.Wire.RestoreView;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Restores, also in the legacy a9s API, see {@code docs/api.md}. */
public final class RestoresApi {
    private final Lookup lookup;
    private final RestoreRequests requests;
    private final JobQueue queue;

    public RestoresApi(Lookup lookup, RestoreRequests requests, JobQueue queue) {
        this.lookup = lookup;
        this.requests = requests;
        this.queue = queue;
    }

    /** Adds the routes. */
    public void addTo(GuardedRoutes routes) {
        routes.postPrepared("/instances/{id}/backups/{n}/restore", Right.MANAGE, this::start)
                .get("/instances/{id}/restores", Right.SEE, this::list)
                .get("/instances/{id}/restores/{n}", Right.SEE, this::show)
                .post("/instances/{id}/restores/{n}/cancel", Right.MANAGE, this::cancel);
    }

    /**
     * The body of a restore.
     *
     * @param skipBroken whether parts that cannot come back are left out; null means no
     */
    private record RestoreRequest(
            @Nullable String encryptionKey, @Nullable Boolean skipBroken) {}

    private Prepared start(Request request) throws IOException {
        Instance instance = lookup.active(request);
        Backup backup = lookup.backup(request);
        RestoreRequest body = request.read(RestoreRequest.class, BODY);
        RestoreRequests.Prepared restore = Restoring.prepared(
                requests, instance, backup, body.encryptionKey(), Boolean.TRUE.equals(body.skipBroken()));
        return new Prepared("", _ -> Reply.json(202, new Wire.Id(Restoring.queued(restore))));
    }

    private Reply list(Request request) throws IOException {
        Instance instance = lookup.instance(request);
        readNothing(request);
        return new Listing<>(
                        (after, most) -> lookup.restores().list(instance.id(), Listing.before(after), most),
                        row -> Long.toString(row.id()),
                        RestoreView::of)
                .reply(request);
    }

    private Reply show(Request request) throws IOException {
        Restore restore = lookup.restore(request);
        readNothing(request);
        return Reply.json(200, RestoreView.of(restore));
    }

    private Reply cancel(Request request) throws IOException {
        Restore restore = lookup.restore(request);
        readNothing(request);
        return Wire.cancelled(queue.cancel(restore.job().id()));
    }
}
