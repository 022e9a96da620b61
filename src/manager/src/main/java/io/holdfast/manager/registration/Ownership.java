package io.holdfast.manager.registration;

import io.holdfast.manager.config.ManagerConfig.Broker;
import io.holdfast.manager.config.ManagerConfig.User;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.instance.Lives;
import io.holdfast.manager.registration.OwnershipRefused.Reason;
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
     * @throws OwnershipRefused when the broker has other ids
     */
    void requireMayRegister(Registrant caller, String id) {
        if (!caller.operator() && !isAllowed(caller, id)) {
            throw new OwnershipRefused(
                    Reason.OTHER_IDS,
                    "this broker may not register this id",
                    "its ids must begin with its id_prefix in the manager's brokers");
        }
    }

    /**
     * Demands that a caller may have an instance that is known.
     *
     * @return whether it becomes the caller's by that
     * @throws OwnershipRefused when it is another's
     */
    boolean requireMayHave(Registrant caller, Instance instance) {
        if (caller.operator() || Objects.equals(caller.name(), instance.owner())) {
            return false;
        }
        requireMayRegister(caller, instance.folder());
        if (instance.owner() != null || instance.ownerUnknown() || !isFree(caller, instance)) {
            log.warn(
                    "{} wanted instance {}, which {}",
                    caller.name(),
                    instance.instanceId(),
                    instance.owner() == null ? "an operator has to assign" : "belongs to " + instance.owner());
            throw new OwnershipRefused(
                    Reason.TAKEN,
                    instance.owner() == null
                            ? "this instance exists already, and no broker has registered it"
                            : "this id is taken by somebody else",
                    "ask an operator to assign it to you: PUT /instances/{id}/owner");
        }
        return true;
    }

    private boolean isFree(Registrant caller, Instance instance) {
        return isSaidToBe(caller, instance.folder()) || !lives.hasAnythingToKeep(instance.id());
    }

    private boolean isAllowed(Registrant broker, String id) {
        return brokers.stream()
                .filter(each -> each.name().equals(broker.name()))
                .anyMatch(each -> each.idPrefix() == null || id.startsWith(each.idPrefix()));
    }

    private boolean isSaidToBe(Registrant caller, String id) {
        return brokers.stream()
                .filter(each -> each.name().equals(caller.name()))
                .anyMatch(each -> each.idPrefix() != null && id.startsWith(each.idPrefix()));
    }

    /**
     * Demands that a name is one that can own instances.
     *
     * @throws OwnershipRefused when the manager's configuration does not have it
     */
    public void requireKnown(String name) {
        if (operators.stream().noneMatch(each -> each.name().equals(name))
                && brokers.stream().noneMatch(each -> each.name().equals(name))) {
            throw new OwnershipRefused(
                    Reason.UNKNOWN_OWNER,
                    "field 'owner' names nobody: there is no such operator or broker",
                    "the names are those of 'operators' and 'brokers' in the manager's configuration");
        }
    }
}
