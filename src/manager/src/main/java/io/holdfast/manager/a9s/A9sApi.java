package io.holdfast.manager.a9s;

import static io.holdfast.manager.access.GuardedRoutes.BODY;
import static io.holdfast.manager.access.GuardedRoutes.readNothing;

import io.holdfast.manager.access.Access;
import io.holdfast.manager.access.GuardedRoutes;
import io.holdfast.manager.access.Preparation.Prepared;
import io.holdfast.manager.access.Right;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.BackupRequests;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.restore.RestoreRequests;
import io.holdfast.manager.wire.Lookup;
import io.holdfast.manager.wire.Restoring;
import io.holdfast.manager.wire.Wire;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The routes of the a9s Backup Manager for backups and restores, which name the instance in the body, see {@code docs/api.md}. */
public final class A9sApi {
    private final Lookup lookup;
    private final BackupRequests backups;
    private final RestoreRequests restores;

    public A9sApi(Lookup lookup, BackupRequests backups, RestoreRequests restores) {
        this.lookup = lookup;
        this.backups = backups;
        this.restores = restores;
    }

    /** Adds the routes. */
    public void addTo(GuardedRoutes routes) {
        routes.postNamed("/backup_agent/backup", this::named, this::startBackup)
                .post("/backup_agent/backup_all", Right.REGISTER, this::startAll)
                .postNamedPrepared(
                        "/backup_agent/restores", request -> older(request).instance(), this::startRestore);
    }

    /** The body of a backup. */
    record BackupRequest(@Nullable String instanceGuid) {}

    private Instance named(Request request) throws IOException {
        BackupRequest body = request.read(BackupRequest.class, BODY);
        if (body.instanceGuid() == null) {
            throw new HttpError(ErrorCode.BAD_REQUEST, "field 'instance_guid' is missing");
        }
        return lookup.instance(body.instanceGuid());
    }

    private Reply startBackup(Request request) throws IOException {
        Instance instance = lookup.active(named(request));
        return Wire.queued(backups.queue(instance));
    }

    record QueuedOf(String instanceId, long id) {}

    record AllQueued(String message, List<QueuedOf> backups) {}

    private Reply startAll(Access access, Request request) throws IOException {
        readNothing(request);
        List<QueuedOf> queued = backups.queueAll(instance -> access.may(Right.MANAGE, instance)).stream()
                .map(each -> new QueuedOf(each.instance().instanceId(), each.number()))
                .toList();
        return Reply.json(202, new AllQueued("jobs to backup are queued", queued));
    }

    /**
     * The body of a restore: the first two may be numbers, and a form sends texts.
     *
     * @param skipBroken whether parts that cannot come back are left out, as a truth value or a form's text; null means no
     */
    record RestoreRequest(
            @Nullable JsonNode backupId,
            @Nullable JsonNode instanceId,
            @Nullable String encryptionKey,
            @Nullable JsonNode skipBroken) {}

    record RestoreReply(long restoreId) {}

    private record Older(
            Instance instance, long backup, @Nullable String encryptionKey, boolean skipBroken) {}

    private Older older(Request request) throws IOException {
        RestoreRequest body = request.read(RestoreRequest.class, BODY);
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

    private Prepared startRestore(Request request) throws IOException {
        Older wish = older(request);
        Instance instance = lookup.active(wish.instance());
        Backup backup = lookup.backup(instance, wish.backup());
        RestoreRequests.Prepared restore =
                Restoring.prepared(restores, instance, backup, wish.encryptionKey(), wish.skipBroken());
        String counts = instance.instanceId() + " " + backup.id() + (wish.skipBroken() ? " skip_broken" : "");
        return new Prepared(counts, _ -> Reply.json(202, new RestoreReply(Restoring.queued(restore))));
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
}
