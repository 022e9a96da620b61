package io.holdfast.manager.api;

import static io.holdfast.manager.access.GuardedRoutes.BODY;
import static io.holdfast.manager.access.GuardedRoutes.readNothing;

import io.holdfast.manager.access.GuardedRoutes;
import io.holdfast.manager.access.Right;
import io.holdfast.manager.api.Wire.RestoreView;
import io.holdfast.manager.database.Backups;
import io.holdfast.manager.database.Backups.Backup;
import io.holdfast.manager.database.Instances.Instance;
import io.holdfast.manager.database.Jobs;
import io.holdfast.manager.database.Restores.Restore;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.jobs.JobQueue;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Restores, also in the older form, see {@code docs/api.md}. */
public final class RestoresApi {
    private final Lookup lookup;
    private final Jobs jobs;
    private final JobQueue queue;

    public RestoresApi(Lookup lookup, Jobs jobs, JobQueue queue) {
        this.lookup = lookup;
        this.jobs = jobs;
        this.queue = queue;
    }

    /** Adds the routes. */
    public void addTo(GuardedRoutes routes) {
        routes.post("/instances/{id}/backups/{n}/restore", Right.MANAGE, this::start)
                .get("/instances/{id}/restores", Right.SEE, this::list)
                .get("/instances/{id}/restores/{n}", Right.SEE, this::show)
                .post("/instances/{id}/restores/{n}/cancel", Right.MANAGE, this::cancel)
                .postNamed("/backup_agent/restores", request -> older(request).instance(), this::startOlder);
    }

    private Reply start(Request request) throws IOException {
        Instance instance = lookup.active(request);
        Backup backup = lookup.backup(request);
        readNothing(request);
        return Reply.json(202, new Wire.Id(queue(instance, backup)));
    }

    /** The body of the older form's restore: both may be numbers, and a form sends texts. */
    record OlderRestoreRequest(
            @Nullable JsonNode backupId, @Nullable JsonNode instanceId) {}

    record OlderRestoreReply(long restoreId) {}

    private record Older(Instance instance, long backup) {}

    private Older older(Request request) throws IOException {
        OlderRestoreRequest body = request.read(OlderRestoreRequest.class, BODY);
        String instanceId = text(body.instanceId(), "instance_id");
        String backupId = text(body.backupId(), "backup_id");
        if (!isNumber(backupId)) {
            throw new HttpError(ErrorCode.BAD_REQUEST, "field 'backup_id' is not a number");
        }
        Instance instance = (isNumber(instanceId)
                        ? lookup.instances().findByNumber(Long.parseLong(instanceId))
                        : lookup.instances().find(instanceId))
                .orElseGet(() -> lookup.instance(instanceId));
        return new Older(instance, Long.parseLong(backupId));
    }

    private Reply startOlder(Request request) throws IOException {
        Older wish = older(request);
        Instance instance = lookup.active(wish.instance());
        Backup backup = lookup.backup(instance, wish.backup());
        return Reply.json(202, new OlderRestoreReply(queue(instance, backup)));
    }

    private static boolean isNumber(String text) {
        return text.matches("[0-9]{1,18}");
    }

    private static String text(@Nullable JsonNode value, String field) {
        if (value == null || !(value.isString() || value.isIntegralNumber())) {
            throw new HttpError(ErrorCode.BAD_REQUEST, "field '" + field + "' is missing or has the wrong type");
        }
        return value.asString();
    }

    private long queue(Instance instance, Backup backup) {
        if (!Wire.isRestorable(backup)) {
            throw new HttpError(
                    ErrorCode.BACKUP_NON_RESTORABLE_STATE,
                    backup.state() == Backups.State.SUSPECT
                            ? "reading this backup back found damage: " + backup.verificationMessage()
                            : "the backup is not finished, or is gone",
                    "choose a backup whose state is done or verified");
        }
        if (jobs.hasOpenRestore(instance.id())) {
            throw new HttpError(
                    ErrorCode.RESTORE_IN_PROGRESS,
                    "a restore of this instance is queued or running",
                    "wait for its end");
        }
        return queue.queueRestore(instance, backup);
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
        return Wire.cancelled(queue.cancel(restore.job()));
    }
}
