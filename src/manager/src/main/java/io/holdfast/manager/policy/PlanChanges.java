package io.holdfast.manager.policy;

import io.holdfast.manager.cron.CronExpression;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.retention.OwnRules;
import io.holdfast.manager.retention.RetentionPlans;
import io.holdfast.manager.schedule.Scheduler;
import io.holdfast.manager.transaction.Transactions;
import org.jspecify.annotations.Nullable;

/**
 * What happens when somebody changes when an instance is backed up, or what is kept of it: all of it at once, or nothing. May
 * be used by any thread.
 */
public final class PlanChanges {
    private final Transactions transactions;
    private final Instances instances;
    private final Scheduler scheduler;
    private final RetentionPlans plans;

    public PlanChanges(Transactions transactions, Instances instances, Scheduler scheduler, RetentionPlans plans) {
        this.transactions = transactions;
        this.instances = instances;
        this.scheduler = scheduler;
        this.plans = plans;
    }

    /**
     * What somebody wants, checked. Each part may be null, for no change.
     *
     * @param excluded whether "back up everything" and the schedule pass the instance over
     */
    public record Change(
            @Nullable Boolean excluded,
            @Nullable Schedule schedule,
            @Nullable Rules rules) {
        /** Nothing. */
        public static final Change NONE = new Change(null, null, null);
    }

    /** A schedule of its own, or with nulls the platform's. */
    public record Schedule(@Nullable String cron, @Nullable String timeZone) {}

    /** Rules of its own, or with null the platform's. */
    public record Rules(@Nullable OwnRules own) {}

    /**
     * Demands that somebody may have these times: who does not run the platform may not have backups made too often.
     *
     * @throws IllegalArgumentException when they are too often
     */
    public void requireAllowed(CronExpression cron, boolean byOperator) {
        if (!byOperator) {
            scheduler.requireSparing(cron);
        }
    }

    /**
     * Demands that rules make sense over the platform's.
     *
     * @throws IllegalArgumentException with the field's name
     */
    public void requireAllowed(OwnRules rules) {
        plans.check(rules);
    }

    /** Makes a change, in one transaction or the caller's. */
    public void make(Instance instance, Change change) {
        transactions.transaction(() -> {
            if (change.excluded() != null) {
                instances.setExcluded(instance.id(), change.excluded());
            }
            Schedule schedule = change.schedule();
            if (schedule != null) {
                instances.setSchedule(instance.id(), schedule.cron(), schedule.timeZone());
            }
            Rules rules = change.rules();
            if (rules != null) {
                OwnRules own = rules.own();
                instances.setRetention(instance.id(), own == null ? null : own.toJson());
            }
            return instance;
        });
    }
}
