package io.holdfast.manager.api;

import io.holdfast.manager.api.Wire.BackupView;
import io.holdfast.manager.api.Wire.InstanceView;
import io.holdfast.manager.api.Wire.OlderBackup;
import io.holdfast.manager.api.Wire.RestoreView;
import io.holdfast.manager.backup.Deletion;
import io.holdfast.manager.config.ManagerConfig;
import io.holdfast.manager.database.Agents;
import io.holdfast.manager.database.Backups;
import io.holdfast.manager.database.Backups.Backup;
import io.holdfast.manager.database.Instances;
import io.holdfast.manager.database.Instances.Instance;
import io.holdfast.manager.database.Jobs;
import io.holdfast.manager.database.KeyVersions;
import io.holdfast.manager.database.KeyVersions.KeyVersion;
import io.holdfast.manager.database.Restores;
import io.holdfast.manager.database.Restores.Restore;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.http.Route;
import io.holdfast.manager.http.Router;
import io.holdfast.manager.jobs.AgentIdentity;
import io.holdfast.manager.jobs.JobQueue;
import io.holdfast.manager.keys.KeyRing;
import io.holdfast.manager.store.StoreAbilities;
import io.holdfast.manager.store.StoreException;
import io.holdfast.protocol.AgentMemory;
import io.holdfast.protocol.Hello;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What operators and service brokers ask, see {@code docs/api.md}. */
public final class OperatorApi {
    static final int BODY = 64 * 1024;
    private static final int MIN_GOOD_COPIES = 1;
    private static final int NO_RETENTION_LIMIT = 0;
    private static final int MIN_KEY_LENGTH = 8;
    private static final String QUEUED = "job to backup is queued";

    private final Callers callers;
    private final Idempotency idempotency;
    private final Instances instances;
    private final Agents agents;
    private final Jobs jobs;
    private final Backups backups;
    private final Restores restores;
    private final KeyVersions keyVersions;
    private final KeyRing keys;
    private final JobQueue queue;
    private final Deletion deletion;
    private final Supplier<StoreAbilities> abilities;
    private final Duration silence;

    /**
     * Makes it.
     *
     * @param abilities what the store can do
     * @param limits how long an agent may be silent follows from how long its calls take
     */
    public OperatorApi(
            Callers callers,
            Idempotency idempotency,
            Instances instances,
            Agents agents,
            Jobs jobs,
            Backups backups,
            Restores restores,
            KeyVersions keyVersions,
            KeyRing keys,
            JobQueue queue,
            Deletion deletion,
            Supplier<StoreAbilities> abilities,
            ManagerConfig.Jobs limits) {
        this.callers = callers;
        this.idempotency = idempotency;
        this.instances = instances;
        this.agents = agents;
        this.jobs = jobs;
        this.backups = backups;
        this.restores = restores;
        this.keyVersions = keyVersions;
        this.keys = keys;
        this.queue = queue;
        this.deletion = deletion;
        this.abilities = abilities;
        this.silence = limits.silence();
    }

    /** Adds the operators' routes. */
    public void addTo(Router router) {
        get(router, "/instances", this::listInstances);
        get(router, "/instances/{id}", this::showInstance);
        router.add("PUT", "/instances/{id}", known(this::putInstance));
        get(router, "/instances/{id}/config", this::showConfig);

        post(router, "/instances/{id}/backups", this::startBackup);
        get(router, "/instances/{id}/backups", this::listBackups);
        get(router, "/instances/{id}/backups/{n}", this::showBackup);
        router.add("DELETE", "/instances/{id}/backups/{n}", known(this::deleteBackup));
        post(router, "/instances/{id}/backups/{n}/cancel", this::cancelBackup);
        post(router, "/instances/{id}/backups/{n}/verify", this::verifyBackup);
        post(router, "/instances/{id}/backups/{n}/restore", this::startRestore);

        get(router, "/instances/{id}/restores", this::listRestores);
        get(router, "/instances/{id}/restores/{n}", this::showRestore);
        post(router, "/instances/{id}/restores/{n}/cancel", this::cancelRestore);

        get(router, "/instances/{id}/keys", this::listKeys);
        post(router, "/instances/{id}/keys", this::rotateKey);
        get(router, "/instances/{id}/keys/{version}/key.age", this::showKey);

        post(router, "/backup_agent/backup", this::olderBackup);
        post(router, "/backup_agent/backup_all", this::olderBackupAll);
        post(router, "/backup_agent/restores", this::olderRestore);

        get(router, "/agents", request -> empty(request, () -> Reply.json(200, agentViews())));
        get(router, "/store", request -> empty(request, () -> Reply.json(200, abilities.get())));
    }

    private void get(Router router, String pattern, Route route) {
        router.add("GET", pattern, known(route));
    }

    private void post(Router router, String pattern, Route route) {
        router.add("POST", pattern, request -> idempotency.handle(callers.operator(request), request, route));
    }

    private Route known(Route route) {
        return request -> {
            callers.operator(request);
            return route.handle(request);
        };
    }

    private Reply empty(Request request, Supplier<Reply> reply) throws IOException {
        readNothing(request);
        return reply.get();
    }

    /** A body without any field. */
    record Nothing() {}

    private static void readNothing(Request request) throws IOException {
        request.read(Nothing.class, BODY);
    }

    private Instance instance(Request request) {
        return instance(request.variable("id"));
    }

    private Instance instance(String id) {
        if (!AgentIdentity.INSTANCE_ID.matcher(id).matches()) {
            throw new HttpError(ErrorCode.BAD_REQUEST, "'id' in the path is not an instance's id");
        }
        return instances.find(id).orElseThrow(() -> new HttpError(ErrorCode.NOT_FOUND, "there is no such instance"));
    }

    private Backup backup(Request request) {
        return backups.find(instance(request).id(), request.number("n"))
                .orElseThrow(() -> new HttpError(ErrorCode.NOT_FOUND, "there is no such backup"));
    }

    private Restore restore(Request request) {
        return restores.find(instance(request).id(), request.number("n"))
                .orElseThrow(() -> new HttpError(ErrorCode.NOT_FOUND, "there is no such restore"));
    }

    private Reply listInstances(Request request) throws IOException {
        readNothing(request);
        List<InstanceView> views = new ArrayList<>();
        for (Instances.Overview row : instances.list()) {
            views.add(InstanceView.of(row, agents.online(row.id(), silence), null, null));
        }
        return Reply.json(200, views);
    }

    private Reply showInstance(Request request) throws IOException {
        Instance instance = instance(request);
        readNothing(request);
        return Reply.json(
                200,
                InstanceView.of(
                        instances.overview(instance.id()),
                        agents.online(instance.id(), silence),
                        backups.list(instance.id()).stream()
                                .map(row -> OlderBackup.of(instance.instanceId(), row))
                                .toList(),
                        restores.list(instance.id()).stream()
                                .map(RestoreView::of)
                                .toList()));
    }

    /** What may be changed of an instance. */
    record InstanceChange(
            @Nullable Boolean excludeFromAutoBackup,
            @Nullable Boolean credentialsUpdatedByUser,
            @Nullable String service,
            @Nullable String encryptionKey) {}

    private Reply putInstance(Request request) throws IOException {
        String id = request.variable("id");
        if (!AgentIdentity.INSTANCE_ID.matcher(id).matches()) {
            throw new HttpError(
                    ErrorCode.BAD_REQUEST,
                    "'id' in the path is not an instance's id",
                    "use letters, digits, dot, dash and underscore, at most 128");
        }
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
        boolean added = instances.register(id, change.service() == null ? "unknown" : change.service());
        Instance instance = instance(id);
        if (change.excludeFromAutoBackup() != null) {
            instances.setExcluded(instance.id(), change.excludeFromAutoBackup());
        }
        return Reply.json(added ? 201 : 200, new Wire.Message("instance updated"));
    }

    private Reply showConfig(Request request) throws IOException {
        Instance instance = instance(request);
        readNothing(request);
        return Reply.json(
                200,
                new Wire.ConfigView(
                        MIN_GOOD_COPIES, NO_RETENTION_LIMIT, MIN_KEY_LENGTH, instance.excluded(), "logical"));
    }

    private Reply startBackup(Request request) throws IOException {
        Instance instance = instance(request);
        readNothing(request);
        return Reply.json(201, new Wire.Queued(queue.queueBackup(instance), QUEUED));
    }

    private Reply listBackups(Request request) throws IOException {
        Instance instance = instance(request);
        readNothing(request);
        return Reply.json(
                200, backups.list(instance.id()).stream().map(BackupView::of).toList());
    }

    private Reply showBackup(Request request) throws IOException {
        Backup backup = backup(request);
        readNothing(request);
        return Reply.json(200, BackupView.withArtifacts(backup));
    }

    private Reply deleteBackup(Request request) throws IOException {
        Backup backup = backup(request);
        readNothing(request);
        if (!deletion.begin(backup)) {
            throw whyNotDeleted(backup);
        }
        try {
            deletion.remove(backup);
        } catch (StoreException e) {
            throw new HttpError(
                    ErrorCode.BAD_REQUEST,
                    "the store could not delete the backup: " + e.getMessage(),
                    "it is marked as deleted, and its objects are removed once the store can");
        }
        return Reply.json(200, new Wire.Message("backup deleted"));
    }

    private HttpError whyNotDeleted(Backup backup) {
        boolean used = restores.list(backup.instance()).stream()
                .anyMatch(each -> each.backup() == backup.id()
                        && (each.state() == Jobs.State.QUEUED || each.state() == Jobs.State.RUNNING));
        if (used) {
            return new HttpError(
                    ErrorCode.LOCKED, "a restore uses this backup", "wait for the restore's end, or cancel it");
        }
        return switch (backup.state()) {
            case PENDING, UPLOADED, FAILED, DELETING, DELETED ->
                new HttpError(ErrorCode.NOT_FOUND, "there is no such finished backup");
            case DONE, VERIFIED, SUSPECT ->
                new HttpError(
                        ErrorCode.LAST_GOOD_BACKUP,
                        "the instance would be left without a good backup",
                        "make another backup first");
        };
    }

    private Reply cancelBackup(Request request) throws IOException {
        Backup backup = backup(request);
        readNothing(request);
        return cancel(backup.job());
    }

    private Reply cancelRestore(Request request) throws IOException {
        Restore restore = restore(request);
        readNothing(request);
        return cancel(restore.job());
    }

    private Reply cancel(long job) {
        if (!queue.cancel(jobs.get(job))) {
            throw new HttpError(
                    ErrorCode.NOT_CANCELLABLE,
                    "it has ended, or has come too far to be cancelled",
                    "look at its status");
        }
        return Reply.json(202, new Wire.Message("cancel requested"));
    }

    private Reply verifyBackup(Request request) throws IOException {
        Backup backup = backup(request);
        readNothing(request);
        switch (backup.state()) {
            case DONE, VERIFIED, SUSPECT -> backups.queueVerification(backup.id());
            case PENDING, UPLOADED, FAILED, DELETING, DELETED ->
                throw new HttpError(
                        ErrorCode.BACKUP_NON_RESTORABLE_STATE,
                        "the backup is not finished, so there is nothing to read");
        }
        return Reply.json(202, new Wire.Message("verification is queued"));
    }

    private Reply startRestore(Request request) throws IOException {
        Instance instance = instance(request);
        Backup backup = backup(request);
        readNothing(request);
        return Reply.json(202, new Wire.Id(restore(instance, backup)));
    }

    private long restore(Instance instance, Backup backup) {
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

    private Reply listRestores(Request request) throws IOException {
        Instance instance = instance(request);
        readNothing(request);
        return Reply.json(
                200, restores.list(instance.id()).stream().map(RestoreView::of).toList());
    }

    private Reply showRestore(Request request) throws IOException {
        Restore restore = restore(request);
        readNothing(request);
        return Reply.json(200, RestoreView.of(restore));
    }

    private Reply listKeys(Request request) throws IOException {
        Instance instance = instance(request);
        readNothing(request);
        List<KeyVersion> versions = keyVersions.list(instance.id());
        return Reply.json(
                200,
                versions.stream()
                        .map(each -> view(each, each.equals(versions.getFirst())))
                        .toList());
    }

    private Reply rotateKey(Request request) throws IOException {
        Instance instance = instance(request);
        readNothing(request);
        return Reply.json(201, view(keys.rotate(instance), true));
    }

    private static Wire.KeyView view(KeyVersion row, boolean current) {
        return new Wire.KeyView(row.version(), row.recipient(), row.createdAt(), current);
    }

    private Reply showKey(Request request) throws IOException {
        Instance instance = instance(request);
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

    /** The body of the older form's backup. */
    record OlderBackupRequest(@Nullable String instanceGuid) {}

    private Reply olderBackup(Request request) throws IOException {
        OlderBackupRequest body = request.read(OlderBackupRequest.class, BODY);
        if (body.instanceGuid() == null) {
            throw new HttpError(ErrorCode.BAD_REQUEST, "field 'instance_guid' is missing");
        }
        return Reply.json(201, new Wire.Queued(queue.queueBackup(instance(body.instanceGuid())), QUEUED));
    }

    record QueuedOf(String instanceId, long id) {}

    record AllQueued(String message, List<QueuedOf> backups) {}

    private Reply olderBackupAll(Request request) throws IOException {
        readNothing(request);
        List<QueuedOf> queued = new ArrayList<>();
        for (Instances.Overview row : instances.list()) {
            if (!row.excluded()) {
                queued.add(new QueuedOf(row.instanceId(), queue.queueBackup(instances.get(row.id()))));
            }
        }
        return Reply.json(202, new AllQueued("jobs to backup are queued", queued));
    }

    /** The body of the older form's restore: both may be numbers, and a form sends texts. */
    record OlderRestoreRequest(
            @Nullable JsonNode backupId, @Nullable JsonNode instanceId) {}

    record OlderRestoreReply(long restoreId) {}

    private Reply olderRestore(Request request) throws IOException {
        OlderRestoreRequest body = request.read(OlderRestoreRequest.class, BODY);
        String instanceId = text(body.instanceId(), "instance_id");
        String backupId = text(body.backupId(), "backup_id");
        if (!backupId.matches("[0-9]{1,18}")) {
            throw new HttpError(ErrorCode.BAD_REQUEST, "field 'backup_id' is not a number");
        }
        Optional<Instance> byNumber = instanceId.matches("[0-9]{1,18}")
                ? instances.list().stream()
                        .filter(row -> row.id() == Long.parseLong(instanceId))
                        .findFirst()
                        .map(row -> instances.get(row.id()))
                : Optional.empty();
        Instance instance = byNumber.orElseGet(() -> instance(instanceId));
        Backup backup = backups.find(instance.id(), Long.parseLong(backupId))
                .orElseThrow(() -> new HttpError(ErrorCode.NOT_FOUND, "there is no such backup"));
        return Reply.json(202, new OlderRestoreReply(restore(instance, backup)));
    }

    private static String text(@Nullable JsonNode value, String field) {
        if (value == null || !(value.isString() || value.isIntegralNumber())) {
            throw new HttpError(ErrorCode.BAD_REQUEST, "field '" + field + "' is missing or has the wrong type");
        }
        return value.asString();
    }

    record AgentView(
            String instanceId,
            int index,
            boolean online,
            String version,
            String host,
            String service,
            @Nullable String serverVersion,
            Instant lastSeenAt,
            List<Hello.Tool> tools,
            List<String> warnings,
            @Nullable AgentMemory memory) {}

    private List<AgentView> agentViews() {
        return agents.list(silence).stream()
                .map(each -> new AgentView(
                        each.instanceId(),
                        each.position(),
                        each.online(),
                        each.version(),
                        each.host(),
                        each.service(),
                        each.serverVersion(),
                        each.lastSeenAt(),
                        each.tools(),
                        each.warnings(),
                        each.memory()))
                .toList();
    }
}
