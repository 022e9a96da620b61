package io.holdfast.manager.api;

import io.holdfast.manager.access.Caller;
import io.holdfast.manager.config.ManagerConfig.Broker;
import io.holdfast.manager.config.ManagerConfig.User;
import io.holdfast.manager.database.Instances.Instance;
import io.holdfast.manager.database.Lives;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import java.util.List;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whose instances are, and who may have which. An operator may register any, and it stays its owner's. A broker may
 * register those whose ids its configuration allows, and has those that it registered, and those that an operator gives it.
 * One that nobody has registered yet, because its agent was first, a broker may take as long as there is nothing to take
 * over, or when its configuration says that such ids are its.
 */
public final class Ownership {
    private static final Logger log = LoggerFactory.getLogger(Ownership.class);

    private final List<User> operators;
    private final List<Broker> brokers;
    private final Lives lives;

    public Ownership(List<User> operators, List<Broker> brokers, Lives lives) {
        this.operators = List.copyOf(operators);
        this.brokers = List.copyOf(brokers);
        this.lives = lives;
    }

    /**
     * Demands that a caller may register an id that is not known.
     *
     * @throws HttpError 403 when the broker has other ids
     */
    void requireMayRegister(Caller caller, String id) {
        if (caller instanceof Caller.Broker broker && !isAllowed(broker, id)) {
            throw new HttpError(
                    ErrorCode.FORBIDDEN,
                    "this broker may not register this id",
                    "its ids begin as id_prefix in the manager's brokers says");
        }
    }

    /**
     * Demands that a caller may have an instance that is known.
     *
     * @return whether it becomes the caller's by that
     * @throws HttpError 409 when it is another's
     */
    boolean requireMayHave(Caller caller, Instance instance) {
        if (caller instanceof Caller.Operator || Objects.equals(caller.id(), instance.owner())) {
            return false;
        }
        requireMayRegister(caller, instance.folder());
        if (instance.owner() != null || instance.ownerUnknown() || !isFree(caller, instance)) {
            log.warn(
                    "{} wanted instance {}, which {}",
                    caller.id(),
                    instance.instanceId(),
                    instance.owner() == null ? "an operator has to give away" : "belongs to " + instance.owner());
            throw new HttpError(
                    ErrorCode.INSTANCE_TAKEN,
                    instance.owner() == null
                            ? "this instance is there, and no broker has registered it"
                            : "this id is taken by somebody else",
                    "ask an operator to give it to you: PUT /instances/{id}/owner");
        }
        return true;
    }

    private boolean isFree(Caller caller, Instance instance) {
        return isSaidToBe(caller, instance.folder()) || !lives.hasAnythingToKeep(instance.id());
    }

    private boolean isAllowed(Caller.Broker broker, String id) {
        return brokers.stream()
                .filter(each -> each.name().equals(broker.id()))
                .anyMatch(each -> each.idPrefix() == null || id.startsWith(each.idPrefix()));
    }

    private boolean isSaidToBe(Caller caller, String id) {
        return brokers.stream()
                .filter(each -> each.name().equals(caller.id()))
                .anyMatch(each -> each.idPrefix() != null && id.startsWith(each.idPrefix()));
    }

    /**
     * Demands that a name is one that can own instances.
     *
     * @throws HttpError 400 when the manager's configuration does not have it
     */
    void requireKnown(String name) {
        if (operators.stream().noneMatch(each -> each.name().equals(name))
                && brokers.stream().noneMatch(each -> each.name().equals(name))) {
            throw new HttpError(
                    ErrorCode.BAD_REQUEST,
                    "field 'owner' names nobody: there is no such operator or broker",
                    "the names are those of 'operators' and 'brokers' in the manager's configuration");
        }
    }
}
