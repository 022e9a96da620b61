package io.holdfast.manager.api;

import static io.holdfast.manager.access.GuardedRoutes.BODY;
import static io.holdfast.manager.access.GuardedRoutes.readNothing;

import io.holdfast.manager.access.GuardedRoutes;
import io.holdfast.manager.access.Preparation.Prepared;
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
import io.holdfast.manager.keys.EncryptionKeyRefused;
import io.holdfast.manager.keys.EncryptionKeys;
import io.holdfast.manager.keys.HeldIdentities;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Restores, also in the legacy a9s API, see {@code docs/api.md}. */
public final class RestoresApi {
    private final Lookup lookup;
    private final Jobs jobs;
    private final JobQueue queue;
    private final EncryptionKeys keys;
    private final HeldIdentities held;

    public RestoresApi(Lookup lookup, Jobs jobs, JobQueue queue, EncryptionKeys keys, HeldIdentities held) {
        this.lookup = lookup;
        this.jobs = jobs;
        this.queue = queue;
        this.keys = keys;
        this.held = held;
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
        byte[] sealed = opened(instance, backup, body.encryptionKey());
        boolean skipBroken = Boolean.TRUE.equals(body.skipBroken());
        return new Prepared("", _ -> Reply.json(202, new Wire.Id(queue(instance, backup, sealed, skipBroken))));
    }

    /**
     * What the encryption key opens, sealed for this restore; null when the manager needs none. Before the transaction,
     * since wrong ones are counted, and right ones take their time.
     */
    private byte @Nullable [] opened(Instance instance, Backup backup, @Nullable String passphrase) {
        Integer version = backup.keyVersion();
        if (version == null || !Wire.isRestorable(backup)) {
            return null; // the transaction refuses it, unless it is a repeated request that has its answer already
        }
        try {
            return keys.forRestore(instance, version, passphrase)
                    .map(held::seal)
                    .orElse(null);
        } catch (EncryptionKeyRefused e) {
            throw EncryptionKeyErrors.told(e);
        }
    }

    /**
     * The body of the legacy a9s API's restore: the first two may be numbers, and a form sends texts.
     *
     * @param confirmInstance the instance's id as a person has typed it; null when nobody was asked
     * @param skipBroken whether parts that cannot come back are left out, as a truth value or a form's text; null means no
     */
    record OlderRestoreRequest(
            @Nullable JsonNode backupId,
            @Nullable JsonNode instanceId,
            @Nullable String encryptionKey,
            @Nullable String confirmInstance,
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
        if (body.confirmInstance() != null && !body.confirmInstance().strip().equals(instance.instanceId())) {
            throw new HttpError(
                    ErrorCode.BAD_REQUEST,
                    "what was typed is not the name of the instance whose data would be replaced",
                    "type its name as it stands on its page; nothing was changed");
        }
        return new Older(
                instance, Long.parseLong(backupId), body.encryptionKey(), flag(body.skipBroken(), "skip_broken"));
    }

    private Prepared startOlder(Request request) throws IOException {
        Older wish = older(request);
        Instance instance = lookup.active(wish.instance());
        Backup backup = lookup.backup(instance, wish.backup());
        byte[] sealed = opened(instance, backup, wish.encryptionKey());
        String counts = instance.instanceId() + " " + backup.id() + (wish.skipBroken() ? " skip_broken" : "");
        return new Prepared(
                counts,
                _ -> Reply.json(202, new OlderRestoreReply(queue(instance, backup, sealed, wish.skipBroken()))));
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

    private static void requireRestorable(Backup backup) {
        if (!Wire.isRestorable(backup)) {
            throw new HttpError(
                    ErrorCode.BACKUP_NON_RESTORABLE_STATE,
                    backup.state() == Backups.State.SUSPECT
                            ? "reading this backup back found damage: " + backup.verificationMessage()
                            : "the backup is not finished, or is gone",
                    "choose a backup whose state is done or verified");
        }
    }

    /** In the transaction: what was seen before it may have changed. */
    private long queue(Instance instance, Backup seen, byte @Nullable [] sealed, boolean skipBroken) {
        requireRestorable(seen);
        Backup backup = lookup.backup(instance, seen.id());
        requireRestorable(backup);
        if (jobs.hasOpenRestore(instance.id())) {
            throw new HttpError(
                    ErrorCode.RESTORE_IN_PROGRESS,
                    "a restore of this instance is queued or running",
                    "wait for its end");
        }
        long restore = queue.queueRestore(instance, backup);
        if (sealed != null) {
            lookup.restores().keepSealed(restore, sealed);
        }
        if (skipBroken) {
            lookup.restores().skipBroken(restore);
        }
        return restore;
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
