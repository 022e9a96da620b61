package io.holdfast.manager.api;

import static io.holdfast.manager.api.OperatorRoutes.BODY;
import static io.holdfast.manager.api.OperatorRoutes.readNothing;

import io.holdfast.manager.api.Wire.InstanceView;
import io.holdfast.manager.api.Wire.OlderBackup;
import io.holdfast.manager.api.Wire.RestoreView;
import io.holdfast.manager.backup.Deletion;
import io.holdfast.manager.database.Agents;
import io.holdfast.manager.database.Instances;
import io.holdfast.manager.database.Instances.Instance;
import io.holdfast.manager.database.KeyVersions;
import io.holdfast.manager.database.KeyVersions.KeyVersion;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.keys.KeyRing;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Instances and their keys, see {@code docs/api.md}. */
public final class InstancesApi {
    private static final int MIN_GOOD_COPIES = 1;
    private static final int NO_RETENTION_LIMIT = 0;
    private static final int MIN_KEY_LENGTH = 8;

    private final Lookup lookup;
    private final Agents agents;
    private final KeyVersions keyVersions;
    private final KeyRing keys;
    private final Deletion deletion;
    private final Duration silence;

    /**
     * Makes it.
     *
     * @param silence how long an agent may be silent and still counts as there
     */
    public InstancesApi(
            Lookup lookup, Agents agents, KeyVersions keyVersions, KeyRing keys, Deletion deletion, Duration silence) {
        this.lookup = lookup;
        this.agents = agents;
        this.keyVersions = keyVersions;
        this.keys = keys;
        this.deletion = deletion;
        this.silence = silence;
    }

    /** Adds the routes. */
    public void addTo(OperatorRoutes routes) {
        routes.get("/instances", this::list)
                .get("/instances/{id}", this::show)
                .put("/instances/{id}", this::put)
                .delete("/instances/{id}", this::delete)
                .get("/instances/{id}/config", this::config)
                .get("/instances/{id}/keys", this::listKeys)
                .post("/instances/{id}/keys", this::rotateKey)
                .get("/instances/{id}/keys/{version}/key.age", this::showKey);
    }

    private Reply list(Request request) throws IOException {
        readNothing(request);
        List<InstanceView> views = new ArrayList<>();
        for (Instances.Overview row : lookup.instances().list()) {
            views.add(InstanceView.of(row, agents.online(row.id(), silence), null, null));
        }
        return Reply.json(200, views);
    }

    private Reply show(Request request) throws IOException {
        Instance instance = lookup.instance(request);
        readNothing(request);
        return Reply.json(
                200,
                InstanceView.of(
                        lookup.instances().overview(instance.id()),
                        agents.online(instance.id(), silence),
                        lookup.backups().list(instance.id()).stream()
                                .map(row -> OlderBackup.of(instance.instanceId(), row))
                                .toList(),
                        lookup.restores().list(instance.id()).stream()
                                .map(RestoreView::of)
                                .toList()));
    }

    /** What may be changed of an instance. */
    record InstanceChange(
            @Nullable Boolean excludeFromAutoBackup,
            @Nullable Boolean credentialsUpdatedByUser,
            @Nullable String service,
            @Nullable String encryptionKey) {}

    private Reply put(Request request) throws IOException {
        String id = request.variable("id");
        Lookup.requireId(id);
        InstanceChange change = request.read(InstanceChange.class, BODY);
        if (change.encryptionKey() != null) {
            throw new HttpError(
                    ErrorCode.ENCRYPTION_KEY_NOT_SUPPORTED,
                    "this version keeps the keys itself: a user's encryption key cannot be set",
                    "leave 'encryption_key' out; operators can hold recovery recipients instead");
        }
        if (change.service() != null) {
            Wire.requireWord(change.service(), "service");
        }
        boolean added = lookup.instances().register(id, change.service() == null ? "unknown" : change.service());
        Instance instance = lookup.instance(id);
        if (change.excludeFromAutoBackup() != null) {
            lookup.instances().setExcluded(instance.id(), change.excludeFromAutoBackup());
        }
        return Reply.json(added ? 201 : 200, new Wire.Message("instance updated"));
    }

    /** What happens to the backups of an instance that is deleted: only their deletion can be asked for. */
    record InstanceDeletion(@Nullable Boolean deleteBackups) {}

    private Reply delete(Request request) throws IOException {
        Instance instance = lookup.instance(request);
        InstanceDeletion wish = request.read(InstanceDeletion.class, BODY);
        if (!Boolean.TRUE.equals(wish.deleteBackups())) {
            throw new HttpError(
                    ErrorCode.BAD_REQUEST,
                    "field 'delete_backups' must be true",
                    "deleting an instance deletes all of its backups; to keep them, leave the instance");
        }
        if (!deletion.beginWith(instance)) {
            throw new HttpError(
                    ErrorCode.LOCKED, "a job of this instance is queued or running", "cancel it, or wait for its end");
        }
        deletion.removeAll(instance);
        return Reply.json(200, new Wire.Message("instance deleted"));
    }

    private Reply config(Request request) throws IOException {
        Instance instance = lookup.instance(request);
        readNothing(request);
        return Reply.json(
                200,
                new Wire.ConfigView(
                        MIN_GOOD_COPIES, NO_RETENTION_LIMIT, MIN_KEY_LENGTH, instance.excluded(), "logical"));
    }

    private Reply listKeys(Request request) throws IOException {
        Instance instance = lookup.instance(request);
        readNothing(request);
        List<KeyVersion> versions = keyVersions.list(instance.id());
        return Reply.json(
                200,
                versions.stream()
                        .map(each -> view(each, each.equals(versions.getFirst())))
                        .toList());
    }

    private Reply rotateKey(Request request) throws IOException {
        Instance instance = lookup.instance(request);
        readNothing(request);
        return Reply.json(201, view(keys.rotate(instance), true));
    }

    private static Wire.KeyView view(KeyVersion row, boolean current) {
        return new Wire.KeyView(row.version(), row.recipient(), row.createdAt(), current);
    }

    private Reply showKey(Request request) throws IOException {
        Instance instance = lookup.instance(request);
        long version = request.number("version");
        readNothing(request);
        return keyVersions.list(instance.id()).stream()
                .filter(each -> each.version() == version)
                .findFirst()
                .map(each -> Reply.bytes(
                        200,
                        Map.of("Content-Type", "application/octet-stream"),
                        each.wrapped().bytes()))
                .orElseThrow(() -> new HttpError(ErrorCode.NOT_FOUND, "there is no such key version"));
    }
}
