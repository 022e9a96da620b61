package io.holdfast.manager.retention;

import io.holdfast.manager.config.KeepRules;
import io.holdfast.manager.config.RetentionConfig;
import io.holdfast.manager.cron.CronSchedule;
import io.holdfast.manager.database.Backups;
import io.holdfast.manager.database.Backups.Backup;
import io.holdfast.manager.database.Instances.Instance;
import io.holdfast.manager.database.Restores;
import io.holdfast.manager.schedule.Scheduler;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What is going to happen to an instance's backups, read from the catalogue. Changes nothing. */
public final class RetentionPlans {
    private final Backups backups;
    private final Restores restores;
    private final Scheduler scheduler;
    private final RetentionConfig config;
    private final InstantSource clock;

    /**
     * Makes it.
     *
     * @param clock the database's
     */
    public RetentionPlans(
            Backups backups, Restores restores, Scheduler scheduler, RetentionConfig config, InstantSource clock) {
        this.backups = backups;
        this.restores = restores;
        this.scheduler = scheduler;
        this.config = config;
        this.clock = clock;
    }

    /**
     * What is going to happen.
     *
     * @param at the time that this is true of
     * @param rules those that count for the instance
     * @param verdicts of each backup that is there, newest first
     * @param estimates when a backup goes, by its number; not of those that stay as far as anybody can see
     */
    public record Plan(Instant at, KeepRules rules, List<Verdict> verdicts, Map<Long, Instant> estimates) {
        public Plan {
            verdicts = List.copyOf(verdicts);
            estimates = Map.copyOf(estimates);
        }
    }

    /** The rules that count for an instance. */
    public KeepRules rules(Instance instance) {
        return instance.retention() == null
                ? config.rules()
                : OwnRules.parse(instance.retention()).over(config.rules());
    }

    /**
     * Checks rules that somebody wants for an instance.
     *
     * @throws IllegalArgumentException with the field's name
     */
    public void check(OwnRules wanted) {
        wanted.over(config.rules());
    }

    /** What is going to happen to an instance's backups. */
    public Plan plan(Instance instance) {
        return plan(instance, backups.list(instance.id()));
    }

    /** The same, for rows that were read already. */
    public Plan plan(Instance instance, List<Backup> rows) {
        Instant now = clock.instant();
        KeepRules rules = rules(instance);
        List<Copy> copies = copies(instance, rows, now);
        Map<Long, Instant> estimates = new HashMap<>();
        Map<Long, Backup> byNumber = new HashMap<>();
        rows.forEach(row -> byNumber.put(row.id(), row));
        List<Verdict> verdicts;
        if (instance.deletedAt() == null) {
            verdicts = Retention.decide(rules, copies, now, config.verifiedOnly());
            if (config.enabled()) {
                CronSchedule schedule = scheduler.isScheduled(instance) ? scheduler.schedule(instance) : null;
                Forecast forecast = new Forecast(rules, copies, schedule, now);
                for (Verdict verdict : verdicts) {
                    Backup row = byNumber.get(verdict.copy().id());
                    forecast.deletion(verdict, row == null ? null : row.holdUntil())
                            .ifPresent(at -> estimates.put(verdict.copy().id(), at));
                }
            }
        } else {
            Instant end = instance.deletedAt().plus(config.deletedInstance());
            verdicts = copies.stream()
                    .filter(copy -> isFinished(copy.state()))
                    .map(copy -> ofDeletedInstance(copy, end.isAfter(now)))
                    .toList();
            if (config.enabled()) {
                verdicts.stream()
                        .filter(each -> !each.copy().held())
                        .forEach(each -> estimates.put(each.copy().id(), end));
            }
        }
        return new Plan(now, rules, verdicts, estimates);
    }

    private static boolean isFinished(Backups.State state) {
        return state.isGood() || state == Backups.State.SUSPECT;
    }

    private static Verdict ofDeletedInstance(Copy copy, boolean kept) {
        Set<KeepReason> reasons = EnumSet.noneOf(KeepReason.class);
        if (kept) {
            reasons.add(KeepReason.INSTANCE_DELETED);
        }
        if (copy.held()) {
            reasons.add(KeepReason.HELD);
        }
        if (copy.inUse()) {
            reasons.add(KeepReason.IN_USE);
        }
        return new Verdict(copy, reasons);
    }

    private List<Copy> copies(Instance instance, List<Backup> rows, Instant now) {
        Set<Long> inUse = restores.backupsInUse(instance.id());
        return rows.stream()
                .map(row -> new Copy(
                        row.id(),
                        row.state(),
                        row.finishedAt(),
                        row.sequence(),
                        row.isHeld(now),
                        inUse.contains(row.id())))
                .toList();
    }
}
