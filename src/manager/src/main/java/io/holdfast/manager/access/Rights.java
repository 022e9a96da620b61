package io.holdfast.manager.access;

import io.holdfast.manager.access.Permissions.Permission;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.identity.Caller;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.instance.Instances;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The one place that decides what a caller may do. An instance that a caller may not see is, for this caller, not there.
 * Any thread may ask.
 */
public final class Rights {
    private final Instances instances;
    private final Permissions permissions;

    public Rights(Instances instances, Permissions permissions) {
        this.instances = instances;
        this.permissions = permissions;
    }

    /**
     * Demands a right on the instance of a path, or on nothing in particular.
     *
     * @param instanceId null where the path names none
     * @throws HttpError 401 for nobody, 403, or 404 where the instance is not the caller's to see
     */
    void require(Caller caller, Right right, @Nullable String instanceId) {
        if (caller instanceof Caller.Nobody) {
            throw new HttpError(
                    ErrorCode.UNAUTHORIZED,
                    "the caller is not authenticated",
                    "log in, or use HTTP basic authentication with a user of the manager's configuration, or a bearer token");
        }
        switch (right) {
            case SEE, MANAGE, OWN -> {
                // An operator has every right on whatever there is: the route looks whether it is there.
                if (!(caller instanceof Caller.Operator)) {
                    Optional<Instance> found =
                            instanceId == null ? Optional.empty() : instances.findWithBackups(instanceId);
                    require(caller, right, found.orElseThrow(Rights::noSuchInstance));
                }
            }
            case REGISTER -> {
                if (caller instanceof Caller.Developer) {
                    throw forbidden("this is for operators and service brokers");
                }
            }
            case OPERATE -> {
                if (!(caller instanceof Caller.Operator)) {
                    throw forbidden("this is for operators");
                }
            }
            case CALL -> {}
        }
    }

    /** Demands a right on an instance; errors as above. */
    void require(Caller caller, Right right, Instance instance) {
        if (!has(caller, right, instance)) {
            // What was answered for seeing may be a moment old: who acts is asked about anew.
            if (right == Right.SEE || !has(caller, Right.SEE, instance)) {
                throw noSuchInstance();
            }
            throw forbidden("the caller may see this instance, but may not do this");
        }
    }

    /** Whether a caller has a right on an instance. */
    boolean has(Caller caller, Right right, Instance instance) {
        return switch (caller) {
            case Caller.Operator operator -> true;
            case Caller.Broker broker -> right != Right.OPERATE && broker.id().equals(instance.owner());
            case Caller.Developer developer -> has(developer, right, instance);
            case Caller.Nobody nobody -> false;
        };
    }

    private boolean has(Caller.Developer developer, Right right, Instance instance) {
        return switch (right) {
            case SEE -> asked(developer, instance, false).read();
            case MANAGE -> asked(developer, instance, true).manage();
            case OWN, REGISTER, OPERATE, CALL -> false;
        };
    }

    private Permission asked(Caller.Developer developer, Instance instance, boolean fresh) {
        return permissions.of(developer, instance.instanceId(), fresh);
    }

    private static HttpError noSuchInstance() {
        return new HttpError(ErrorCode.NOT_FOUND, "there is no such instance");
    }

    private static HttpError forbidden(String why) {
        return new HttpError(ErrorCode.FORBIDDEN, why, "ask somebody who may do it");
    }
}
