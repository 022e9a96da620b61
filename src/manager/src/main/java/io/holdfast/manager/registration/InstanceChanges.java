package io.holdfast.manager.registration;

import io.holdfast.format.instance.Custody;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.instance.Lives;
import io.holdfast.manager.keys.EncryptionKeyRefused;
import io.holdfast.manager.keys.EncryptionKeyRefused.Reason;
import io.holdfast.manager.keys.EncryptionKeys;
import io.holdfast.manager.policy.PlanChanges;
import io.holdfast.manager.transaction.Transactions;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What happens when an instance is registered or changed, whoever wants it: all of a wish in one transaction, or nothing of
 * it. What takes time, such as the work on a passphrase, is done before. May be used by any thread.
 */
public final class InstanceChanges {
    private static final int ROUNDS = 3;

    private final Transactions transactions;
    private final Instances instances;
    private final Lives lives;
    private final PlanChanges plans;
    private final EncryptionKeys keys;
    private final Ownership ownership;

    public InstanceChanges(
            Transactions transactions,
            Instances instances,
            Lives lives,
            PlanChanges plans,
            EncryptionKeys keys,
            Ownership ownership) {
        this.transactions = transactions;
        this.instances = instances;
        this.lives = lives;
        this.plans = plans;
        this.keys = keys;
        this.ownership = ownership;
    }

    /**
     * What somebody wants to change, checked.
     *
     * @param plan when it is backed up, and what is kept
     * @param key which keys it has
     */
    public record Wish(PlanChanges.Change plan, EncryptionKeys.Change key) {}

    /**
     * Changes an instance.
     *
     * @throws EncryptionKeyRefused when its keys cannot be changed like that; nothing is changed then
     */
    public void change(Instance instance, Wish wish) throws EncryptionKeyRefused {
        change(() -> Optional.of(instance), wish, _ -> instance);
    }

    /**
     * What was registered.
     *
     * @param added whether it was not there before
     */
    public record Registered(Instance instance, boolean added) {}

    /**
     * Registers an instance unless it is there, and changes it. A deletion of it ends: while its backups are kept it is what
     * it was, later it begins anew.
     *
     * @param by who registers it
     * @param service what its service is when it is added, or null when the caller does not know
     * @throws OwnershipRefused when it is another's
     * @throws EncryptionKeyRefused as for {@link #change}
     */
    public Registered register(Registrant by, String id, @Nullable String service, Wish wish)
            throws EncryptionKeyRefused {
        boolean[] added = {false};
        Instance instance = change(() -> forKeys(id), wish, _ -> {
            Registered registered = register(by, id, service == null ? "unknown" : service);
            added[0] = registered.added();
            return registered.instance();
        });
        return new Registered(instance, added[0]);
    }

    /** The instance whose keys are meant: one that begins anew has none yet. */
    private Optional<Instance> forKeys(String id) {
        return instances.findWithBackups(id);
    }

    private Registered register(Registrant by, String id, String service) {
        Optional<Instance> known = instances.findAlsoDeleted(id);
        if (known.isEmpty()) {
            ownership.requireMayRegister(by, id);
            instances.register(id, service, by.name());
            return new Registered(instances.find(id).orElseThrow(), true);
        }
        Instance instance = known.get();
        boolean taken = ownership.requireMayHave(by, instance);
        if (instance.deletedAt() == null) {
            if (taken) {
                lives.giveTo(instance.id(), by.name());
            }
            return new Registered(instances.get(instance.id()), false);
        }
        if (instance.backupsKept()) {
            lives.takeBack(instance.id());
            return new Registered(instances.get(instance.id()), true);
        }
        String owner = instance.owner() == null ? by.name() : instance.owner();
        return new Registered(instances.get(lives.beginAnew(instance, service, owner)), true);
    }

    private interface Target {
        Optional<Instance> find();
    }

    private interface Registration {
        Instance run(Wish wish);
    }

    private Instance change(Target target, Wish wish, Registration registration) throws EncryptionKeyRefused {
        for (int round = 1; ; round++) {
            EncryptionKeys.Prepared key = keys.prepare(target.find().orElse(null), wish.key());
            try {
                Instance changed = transactions.transaction(() -> {
                    Instance instance = registration.run(wish);
                    plans.make(instance, wish.plan());
                    try {
                        key.make(instance);
                    } catch (EncryptionKeyRefused e) {
                        throw new Refused(e);
                    }
                    return instance;
                });
                keys.store(changed);
                if (wish.key().custody() == Custody.USER) {
                    transactions.scrub();
                }
                return changed;
            } catch (Refused e) {
                if (e.reason.reason() != Reason.BUSY || round == ROUNDS) {
                    throw e.reason;
                }
            }
        }
    }

    /** Undoes the transaction. */
    private static final class Refused extends RuntimeException {
        private final transient EncryptionKeyRefused reason;

        Refused(EncryptionKeyRefused reason) {
            super(reason);
            this.reason = reason;
        }
    }
}
