package io.holdfast.manager.retention;

import io.holdfast.manager.backup.BackupAge;
import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.config.KeepRules;
import io.holdfast.manager.config.RetentionConfig;
import io.holdfast.manager.cron.CronSchedule;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.restore.Restores;
import io.holdfast.manager.schedule.Scheduler;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What is going to happen to an instance's backups, read from the catalogue. Changes nothing. */
public final class RetentionPlans {
    private final Backups backups;
    private final Restores restores;
    private final Scheduler scheduler;
    private final RetentionConfig config;
    private final Duration fresh;
    private final InstantSource clock;

    /**
     * Makes it.
     *
     * @param fresh after which time backups bring again what they share, at the latest; zero when they share nothing
     * @param clock the database's
     */
    public RetentionPlans(
            Backups backups,
            Restores restores,
            Scheduler scheduler,
            RetentionConfig config,
            Duration fresh,
            InstantSource clock) {
        this.backups = backups;
        this.restores = restores;
        this.scheduler = scheduler;
        this.config = config;
        this.fresh = fresh;
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
        Instant now = clock.instant();
        List<BackupAge> ages = backups.ages(instance.id());
        List<Copy> copies = copies(instance, ages, now);
        List<Verdict> verdicts = verdicts(instance, rules(instance), copies, now);
        Map<Long, Instant> estimates = config.enabled() ? estimates(instance, ages, copies, verdicts, now) : Map.of();
        return new Plan(now, rules(instance), verdicts, estimates);
    }

    /** Which of an instance's backups stay now, and which go. */
    List<Verdict> verdicts(Instance instance) {
        return verdicts(instance, rules(instance));
    }

    /** Which of an instance's backups would stay now, and which would go, by other rules. */
    public List<Verdict> verdicts(Instance instance, KeepRules rules) {
        Instant now = clock.instant();
        return verdicts(instance, rules, copies(instance, backups.ages(instance.id()), now), now);
    }

    /** The rules that would count for an instance with these of its own. */
    public KeepRules rules(OwnRules own) {
        return own.over(config.rules());
    }

    /** Of which times a backup would be there, had a good one been made at each of a row of times, the oldest first. */
    public static List<Instant> kept(KeepRules rules, List<Instant> times, Instant now) {
        List<Copy> copies = new ArrayList<>();
        times.forEach(time -> copies.add(
                new Copy(copies.size(), BackupState.VERIFIED, time, null, (long) copies.size(), false, false)));
        return Retention.decide(rules, copies, now, false).stream()
                .filter(each -> !each.goes())
                .map(each -> times.get(Math.toIntExact(each.copy().id())))
                .toList();
    }

    private List<Verdict> verdicts(Instance instance, KeepRules rules, List<Copy> copies, Instant now) {
        if (instance.deletedAt() == null) {
            return Retention.decide(rules, copies, now, config.verifiedOnly());
        }
        boolean kept = instance.deletedAt().plus(config.deletedInstance()).isAfter(now);
        return copies.stream()
                .filter(copy -> isFinished(copy.state()))
                .map(copy -> ofDeletedInstance(copy, kept))
                .toList();
    }

    private Map<Long, Instant> estimates(
            Instance instance, List<BackupAge> ages, List<Copy> copies, List<Verdict> verdicts, Instant now) {
        Map<Long, Instant> estimates = new HashMap<>();
        if (instance.deletedAt() != null) {
            Instant end = instance.deletedAt().plus(config.deletedInstance());
            verdicts.stream()
                    .filter(each -> !each.copy().held())
                    .forEach(each -> estimates.put(each.copy().id(), end));
            return estimates;
        }
        Map<Long, BackupAge> byNumber = new HashMap<>();
        ages.forEach(age -> byNumber.put(age.id(), age));
        CronSchedule schedule = scheduler.isScheduled(instance) ? scheduler.schedule(instance) : null;
        Forecast forecast = new Forecast(rules(instance), copies, schedule, fresh, now);
        for (Verdict verdict : verdicts) {
            BackupAge age = byNumber.get(verdict.copy().id());
            forecast.deletion(verdict, age == null ? null : age.holdUntil())
                    .ifPresent(at -> estimates.put(verdict.copy().id(), at));
        }
        return estimates;
    }

    private static boolean isFinished(BackupState state) {
        return state.isGood() || state == BackupState.SUSPECT;
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

    private List<Copy> copies(Instance instance, List<BackupAge> ages, Instant now) {
        Set<Long> inUse = new HashSet<>(restores.backupsInUse(instance.id()));
        inUse.addAll(backups.lent(instance.id()));
        return ages.stream()
                .map(row -> new Copy(
                        row.id(),
                        row.state(),
                        row.finishedAt(),
                        row.restsSince(),
                        row.sequence(),
                        row.isHeld(now),
                        inUse.contains(row.id())))
                .toList();
    }
}
