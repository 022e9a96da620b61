package io.holdfast.manager.api;

import static io.holdfast.manager.access.GuardedRoutes.BODY;
import static io.holdfast.manager.access.GuardedRoutes.readNothing;

import io.holdfast.manager.access.GuardedRoutes;
import io.holdfast.manager.access.Right;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.jobs.JobKind;
import io.holdfast.manager.jobs.JobQueue;
import io.holdfast.manager.jobs.JobState;
import io.holdfast.manager.jobs.OpenJob;
import io.holdfast.manager.jobs.OpenJobs;
import io.holdfast.manager.jobs.Pauses;
import io.holdfast.manager.jobs.QueueControl;
import io.holdfast.manager.wire.Lookup;
import io.holdfast.manager.wire.WaitingFor;
import io.holdfast.manager.wire.Wire;
import io.holdfast.protocol.Phase;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The queue as operators see and steer it. */
public final class QueueApi {
    private static final int MOST_JOBS = 200;
    private static final int LONGEST_REASON = 500;

    private final Lookup lookup;
    private final OpenJobs open;
    private final Pauses pauses;
    private final JobQueue queue;
    private final QueueControl control;

    public QueueApi(Lookup lookup, OpenJobs open, Pauses pauses, JobQueue queue, QueueControl control) {
        this.lookup = lookup;
        this.open = open;
        this.pauses = pauses;
        this.queue = queue;
        this.control = control;
    }

    /** Adds the routes. */
    public void addTo(GuardedRoutes routes) {
        routes.get("/queue", Right.OPERATE, this::show)
                .post("/queue/jobs/{n}/move", Right.OPERATE, this::move)
                .post("/queue/jobs/{n}/cancel", Right.OPERATE, this::cancel)
                .put("/queue/pauses/everything", Right.OPERATE, request -> pause(request, Pauses.Scope.EVERYTHING))
                .delete("/queue/pauses/everything", Right.OPERATE, request -> resume(request, Pauses.Scope.EVERYTHING))
                .put("/queue/pauses/store", Right.OPERATE, request -> pause(request, Pauses.Scope.STORE))
                .delete("/queue/pauses/store", Right.OPERATE, request -> resume(request, Pauses.Scope.STORE))
                .put("/instances/{id}/pause", Right.OPERATE, this::pauseInstance)
                .delete("/instances/{id}/pause", Right.OPERATE, this::resumeInstance);
    }

    /**
     * A job.
     *
     * @param waitingFor why it has not begun; null for one that has
     */
    record JobView(
            long id,
            String instanceId,
            JobKind kind,
            JobState state,
            @Nullable Long backupId,
            @Nullable Long restoreId,
            int attempts,
            @Nullable Phase phase,
            Instant queuedAt,
            @Nullable Instant startedAt,
            @Nullable String waitingFor) {}

    record QueueView(
            List<Pauses.Pause> pauses,
            int running,
            @Nullable Integer maxRunning,
            List<JobView> jobs) {}

    private Reply show(Request request) throws IOException {
        readNothing(request);
        int most = open.mostRunning();
        return Reply.json(
                200,
                new QueueView(
                        pauses.list(),
                        open.running(),
                        most == Integer.MAX_VALUE ? null : (Integer) most,
                        open.list(MOST_JOBS).stream().map(this::view).toList()));
    }

    private JobView view(OpenJob job) {
        return new JobView(
                job.id(),
                job.instanceId(),
                job.kind(),
                job.state(),
                job.backup(),
                job.restore(),
                job.epoch(),
                job.phase(),
                job.createdAt(),
                job.startedAt(),
                WaitingFor.text(job, open.mostRunning()));
    }

    /** The body of a move. */
    record Move(@Nullable String to) {}

    private Reply move(Request request) throws IOException {
        long job = job(request);
        String to = request.read(Move.class, BODY).to();
        if (!"first".equals(to) && !"last".equals(to)) {
            throw new HttpError(ErrorCode.BAD_REQUEST, "field 'to' must be first or last");
        }
        if (!queue.move(job, "first".equals(to))) {
            throw new HttpError(ErrorCode.NOT_FOUND, "there is no such waiting job");
        }
        return Reply.json(200, new Wire.Message("job moved"));
    }

    private Reply cancel(Request request) throws IOException {
        readNothing(request);
        return Wire.cancelled(queue.cancel(job(request)));
    }

    private long job(Request request) {
        return queue.find(request.number("n"))
                .orElseThrow(() -> new HttpError(ErrorCode.NOT_FOUND, "there is no such job"))
                .id();
    }

    /** The body of a pause. */
    record PauseRequest(@Nullable String reason) {}

    private static String reason(Request request) throws IOException {
        String reason = request.read(PauseRequest.class, BODY).reason();
        if (reason == null || reason.isBlank() || reason.length() > LONGEST_REASON) {
            throw new HttpError(
                    ErrorCode.BAD_REQUEST, "field 'reason' must be a text of 1 to " + LONGEST_REASON + " characters");
        }
        return reason;
    }

    private Reply pause(Request request, Pauses.Scope scope) throws IOException {
        String reason = reason(request);
        control.pause(scope, reason);
        return Reply.json(200, new Wire.Message("paused"));
    }

    private Reply resume(Request request, Pauses.Scope scope) throws IOException {
        readNothing(request);
        control.resume(scope);
        return Reply.json(200, new Wire.Message("resumed"));
    }

    private Reply pauseInstance(Request request) throws IOException {
        Instance instance = lookup.active(request);
        String reason = reason(request);
        control.pause(instance, reason);
        return Reply.json(200, new Wire.Message("paused"));
    }

    private Reply resumeInstance(Request request) throws IOException {
        Instance instance = lookup.active(request);
        readNothing(request);
        control.resume(instance);
        return Reply.json(200, new Wire.Message("resumed"));
    }
}
