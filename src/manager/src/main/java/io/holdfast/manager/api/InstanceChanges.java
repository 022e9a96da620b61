package io.holdfast.manager.api;

import io.holdfast.format.instance.Custody;
import io.holdfast.manager.access.Access;
import io.holdfast.manager.database.Database;
import io.holdfast.manager.database.Instances;
import io.holdfast.manager.database.Instances.Instance;
import io.holdfast.manager.database.Lives;
import io.holdfast.manager.keys.EncryptionKeyRefused;
import io.holdfast.manager.keys.EncryptionKeyRefused.Reason;
import io.holdfast.manager.keys.EncryptionKeys;
import io.holdfast.manager.retention.OwnRules;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Registers instances and changes them, for the API and the pages alike: all of a wish in one transaction, or nothing of
 * it. What takes time, such as the work on a passphrase, is done before. May be used by any thread.
 */
public final class InstanceChanges {
    private static final int ROUNDS = 3;

    private final Database database;
    private final Instances instances;
    private final Lives lives;
    private final EncryptionKeys keys;
    private final Ownership ownership;

    public InstanceChanges(
            Database database, Instances instances, Lives lives, EncryptionKeys keys, Ownership ownership) {
        this.database = database;
        this.instances = instances;
        this.lives = lives;
        this.keys = keys;
        this.ownership = ownership;
    }

    /**
     * What somebody wants to change, checked. Each part may be null, for no change.
     *
     * @param excluded whether "back up everything" and the schedule pass it over
     */
    public record Wish(
            @Nullable Boolean excluded,
            @Nullable Schedule schedule,
            @Nullable Rules rules,
            EncryptionKeys.Change key) {
        /** A schedule of its own, or with nulls the platform's. */
        public record Schedule(
                @Nullable String cron, @Nullable String timeZone) {}

        /** Rules of its own, or with null the platform's. */
        public record Rules(@Nullable OwnRules own) {}
    }

    /**
     * Changes an instance.
     *
     * @throws EncryptionKeyRefused when its keys cannot be changed like that; nothing is changed then
     */
    public void change(Instance instance, Wish wish) throws EncryptionKeyRefused {
        change(() -> Optional.of(instance), wish, _ -> instance);
    }

    /** Changes when an instance is backed up and what is kept; nulls mean the platform's. */
    public void changePlan(
            Instance instance,
            boolean excluded,
            @Nullable String cron,
            @Nullable String timeZone,
            @Nullable OwnRules rules) {
        Wish wish = new Wish(
                excluded,
                new Wish.Schedule(cron, timeZone),
                new Wish.Rules(rules),
                new EncryptionKeys.Change(null, null, null, false));
        database.transaction(() -> {
            apply(instance, wish);
            return instance;
        });
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
     * @param service what its service is when it is added, or null when the caller does not know
     * @throws io.holdfast.manager.http.HttpError 409 when it is another's
     * @throws EncryptionKeyRefused as for {@link #change}
     */
    public Registered register(Access access, String id, @Nullable String service, Wish wish)
            throws EncryptionKeyRefused {
        boolean[] added = {false};
        Instance instance = change(() -> forKeys(id), wish, _ -> {
            Registered registered = register(access, id, service == null ? "unknown" : service);
            added[0] = registered.added();
            return registered.instance();
        });
        return new Registered(instance, added[0]);
    }

    /** The instance whose keys are meant: one that begins anew has none yet. */
    private Optional<Instance> forKeys(String id) {
        return instances.findWithBackups(id);
    }

    private Registered register(Access access, String id, String service) {
        Optional<Instance> known = instances.findAlsoDeleted(id);
        if (known.isEmpty()) {
            ownership.requireMayRegister(access.caller(), id);
            instances.register(id, service, access.caller().id());
            return new Registered(instances.find(id).orElseThrow(), true);
        }
        Instance instance = known.get();
        boolean taken = ownership.requireMayHave(access.caller(), instance);
        if (instance.deletedAt() == null) {
            if (taken) {
                lives.giveTo(instance.id(), access.caller().id());
            }
            return new Registered(instances.get(instance.id()), false);
        }
        if (instance.backupsKept()) {
            lives.takeBack(instance.id());
            return new Registered(instances.get(instance.id()), true);
        }
        String owner = instance.owner() == null ? access.caller().id() : instance.owner();
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
                Instance changed = database.transaction(() -> {
                    Instance instance = registration.run(wish);
                    apply(instance, wish);
                    try {
                        key.make(instance);
                    } catch (EncryptionKeyRefused e) {
                        throw new Refused(e);
                    }
                    return instance;
                });
                keys.store(changed);
                if (wish.key().custody() == Custody.USER) {
                    database.scrub();
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

    private void apply(Instance instance, Wish wish) {
        if (wish.excluded() != null) {
            instances.setExcluded(instance.id(), wish.excluded());
        }
        Wish.Schedule schedule = wish.schedule();
        if (schedule != null) {
            instances.setSchedule(instance.id(), schedule.cron(), schedule.timeZone());
        }
        Wish.Rules rules = wish.rules();
        if (rules != null) {
            OwnRules own = rules.own();
            instances.setRetention(instance.id(), own == null ? null : own.toJson());
        }
    }
}
