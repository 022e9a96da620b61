package io.holdfast.manager.wire;

import io.holdfast.manager.access.GuardedRoutes;
import io.holdfast.manager.agents.AgentIdentity;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.restore.Restore;
import io.holdfast.manager.restore.Restores;

/** Finds what a request's path names; what is not there, or belongs to another instance, is a 404. */
public record Lookup(Instances instances, Backups backups, Restores restores) {
    public Instance instance(Request request) {
        return instance(request.variable("id"));
    }

    /** Also one that was deleted, as long as its backups are kept. */
    public Instance instance(String id) {
        requireId(id);
        return instances.findWithBackups(id).orElseThrow(Lookup::noSuchInstance);
    }

    public static HttpError noSuchInstance() {
        return new HttpError(ErrorCode.NOT_FOUND, "there is no such instance");
    }

    /** One for which a job can be started. */
    public Instance active(Request request) {
        return active(instance(request));
    }

    public Instance active(Instance instance) {
        if (instance.deletedAt() != null) {
            throw GuardedRoutes.deleted();
        }
        return instance;
    }

    public Backup backup(Request request) {
        return backup(instance(request), request.number("n"));
    }

    public Backup backup(Instance instance, long number) {
        return backups.find(instance.id(), number)
                .orElseThrow(() -> new HttpError(ErrorCode.NOT_FOUND, "there is no such backup"));
    }

    public Restore restore(Request request) {
        return restore(instance(request), request.number("n"));
    }

    public Restore restore(Instance instance, long number) {
        return restores.find(instance.id(), number)
                .orElseThrow(() -> new HttpError(ErrorCode.NOT_FOUND, "there is no such restore"));
    }

    public static void requireId(String id) {
        if (!AgentIdentity.isInstanceId(id)) {
            throw new HttpError(
                    ErrorCode.BAD_REQUEST,
                    "'id' in the path is not an instance's id",
                    "use letters, digits, dot, dash and underscore, at most 128");
        }
    }
}
