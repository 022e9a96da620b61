package io.holdfast.manager.api;

import static io.holdfast.manager.access.GuardedRoutes.BODY;
import static io.holdfast.manager.access.GuardedRoutes.readNothing;

import io.holdfast.manager.access.GuardedRoutes;
import io.holdfast.manager.access.Preparation.Prepared;
import io.holdfast.manager.access.Right;
import io.holdfast.manager.api.Wire.RestoreView;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.jobs.JobQueue;
import io.holdfast.manager.keys.EncryptionKeyRefused;
import io.holdfast.manager.restore.Restore;
import io.holdfast.manager.restore.RestoreRefused;
import io.holdfast.manager.restore.RestoreRequests;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

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
                .post("/instances/{id}/restores/{n}/cancel", Right.MANAGE, this::cancel)
                .postNamedPrepared(
                        "/backup_agent/restores", request -> older(request).instance(), this::startOlder);
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
        RestoreRequests.Prepared restore =
                prepared(instance, backup, body.encryptionKey(), Boolean.TRUE.equals(body.skipBroken()));
        return new Prepared("", _ -> Reply.json(202, new Wire.Id(queued(restore))));
    }

    private RestoreRequests.Prepared prepared(
            Instance instance, Backup backup, @Nullable String passphrase, boolean skipBroken) {
        try {
            return requests.prepare(instance, backup, passphrase, skipBroken);
        } catch (EncryptionKeyRefused e) {
            throw Refusals.told(e);
        }
    }

    private static long queued(RestoreRequests.Prepared restore) {
        try {
            return restore.queue();
        } catch (RestoreRefused e) {
            throw Refusals.told(e);
        }
    }

    /**
     * The body of the legacy a9s API's restore: the first two may be numbers, and a form sends texts.
     *
     * @param skipBroken whether parts that cannot come back are left out, as a truth value or a form's text; null means no
     */
    record OlderRestoreRequest(
            @Nullable JsonNode backupId,
            @Nullable JsonNode instanceId,
            @Nullable String encryptionKey,
            @Nullable JsonNode skipBroken) {}

    record OlderRestoreReply(long restoreId) {}

    private record Older(
            Instance instance, long backup, @Nullable String encryptionKey, boolean skipBroken) {}

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
        return new Older(
                instance, Long.parseLong(backupId), body.encryptionKey(), flag(body.skipBroken(), "skip_broken"));
    }

    private Prepared startOlder(Request request) throws IOException {
        Older wish = older(request);
        Instance instance = lookup.active(wish.instance());
        Backup backup = lookup.backup(instance, wish.backup());
        RestoreRequests.Prepared restore = prepared(instance, backup, wish.encryptionKey(), wish.skipBroken());
        String counts = instance.instanceId() + " " + backup.id() + (wish.skipBroken() ? " skip_broken" : "");
        return new Prepared(counts, _ -> Reply.json(202, new OlderRestoreReply(queued(restore))));
    }

    private static boolean flag(@Nullable JsonNode value, String field) {
        if (value == null || value.isNull()) {
            return false;
        }
        if (value.isBoolean()) {
            return value.booleanValue();
        }
        return switch (value.isString() ? value.asString() : "") {
            case "true" -> true;
            case "false" -> false;
            default -> throw new HttpError(ErrorCode.BAD_REQUEST, "field '" + field + "' is neither true nor false");
        };
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
