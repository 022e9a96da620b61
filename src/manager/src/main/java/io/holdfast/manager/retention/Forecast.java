package io.holdfast.manager.retention;

import io.holdfast.manager.config.KeepRules;
import io.holdfast.manager.cron.CronSchedule;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Estimates when a backup will go: as if from now on each slot of the schedule became a good backup, and nothing else
 * happened. An estimate for people; no deletion asks it. Not for use by several threads.
 */
final class Forecast {
    /** What would take more backups than this is as good as never. */
    private static final int FURTHEST = 1000;

    private final KeepRules rules;
    private final List<Copy> good;
    private final @Nullable CronSchedule schedule;
    private final Duration fresh;
    private final Instant now;
    private final List<Instant> slots = new ArrayList<>();

    /**
     * Makes it.
     *
     * @param copies all backups of the instance
     * @param schedule when backups are going to be made, or null when none are
     * @param fresh after which time what backups share is brought again; zero when they share nothing
     */
    Forecast(KeepRules rules, List<Copy> copies, @Nullable CronSchedule schedule, Duration fresh, Instant now) {
        this.rules = rules;
        // Those that wait to be read back are expected to be whole.
        this.good = Retention.goodOnes(copies, false);
        this.schedule = schedule;
        this.fresh = fresh;
        this.now = now;
    }

    /**
     * When a backup will go.
     *
     * @param holdUntil when the hold ends that it may have, or null for never
     * @return empty when it stays as far as anybody can see
     */
    Optional<Instant> deletion(Verdict verdict, @Nullable Instant holdUntil) {
        Instant madeAt = verdict.copy().madeAt();
        int rank = good.indexOf(verdict.copy());
        if (madeAt == null || rank < 0) {
            return Optional.empty();
        }
        Instant latest = now;
        for (KeepReason reason : reasons(verdict)) {
            Optional<Instant> end = switch (reason) {
                case LAST -> slot(rules.last() - rank);
                case MIN_GOOD_COPIES -> slot(rules.minGoodCopies() - rank);
                case NO_NEWER_GOOD_ONE -> slot(1);
                case WITHIN -> Optional.of(madeAt.plus(rules.within()));
                case YOUNG -> Optional.of(madeAt.plus(Retention.MIN_AGE));
                case DAILY -> end(Period.DAY, madeAt);
                case WEEKLY -> end(Period.WEEK, madeAt);
                case MONTHLY -> end(Period.MONTH, madeAt);
                case YEARLY -> end(Period.YEAR, madeAt);
                case INDEPENDENT ->
                    firstSlot(madeAt(good.get(Math.max(0, rank - 1))).plus(fresh));
                case NEXT_INDEPENDENT -> firstSlot(madeAt.plus(fresh.multipliedBy(2)));
                case HELD -> Optional.ofNullable(holdUntil);
                case IN_USE, NOT_VERIFIED -> Optional.of(now);
                case UNFINISHED,
                        SUSPECT,
                        NO_TIME,
                        OUT_OF_ORDER,
                        INSTANCE_HAS_SUSPECT,
                        INSTANCE_HAS_FUTURE,
                        INSTANCE_DELETED -> Optional.empty();
            };
            if (end.isEmpty()) {
                return end;
            }
            latest = end.get().isAfter(latest) ? end.get() : latest;
        }
        return Optional.of(latest);
    }

    /** Its reasons, and the rules' that are going to count once it has been read back. */
    private Set<KeepReason> reasons(Verdict verdict) {
        Set<KeepReason> reasons = new LinkedHashSet<>(verdict.reasons());
        if (reasons.contains(KeepReason.NOT_VERIFIED)) {
            Retention.decide(rules, good, now, false).stream()
                    .filter(each -> each.copy().id() == verdict.copy().id())
                    .forEach(each -> reasons.addAll(each.reasons()));
        }
        return reasons;
    }

    private static Instant madeAt(Copy goodOne) {
        return goodOne.madeAt() == null ? Instant.MIN : goodOne.madeAt();
    }

    /** The first slot after now and after a moment: when its backup is there, the newest one uses nothing older. */
    private Optional<Instant> firstSlot(Instant after) {
        return schedule == null ? Optional.empty() : schedule.next(after.isAfter(now) ? after : now);
    }

    /** The n-th slot from now on. */
    private Optional<Instant> slot(int n) {
        if (n > FURTHEST || schedule == null) {
            return Optional.empty();
        }
        while (slots.size() < n) {
            Optional<Instant> next = schedule.next(slots.isEmpty() ? now : slots.getLast());
            if (next.isEmpty()) {
                return next;
            }
            slots.add(next.get());
        }
        return Optional.of(n <= 0 ? now : slots.get(n - 1));
    }

    /** When a newer one of the same period comes, or so many newer periods have one that this one is not needed. */
    private Optional<Instant> end(Period period, Instant madeAt) {
        List<LocalDate> periods = new ArrayList<>(good.stream()
                .map(each -> each.madeAt() == null ? LocalDate.MIN : period.begin(each.madeAt(), rules.zone()))
                .distinct()
                .toList());
        LocalDate own = period.begin(madeAt, rules.zone());
        int missing = period.kept(rules) - periods.indexOf(own);
        if (schedule == null || missing > FURTHEST) {
            return Optional.empty();
        }
        Instant after = now;
        LocalDate newest = periods.getFirst();
        while (true) {
            Optional<Instant> slot = schedule.next(after);
            if (slot.isEmpty()) {
                return slot;
            }
            LocalDate begin = period.begin(slot.get(), rules.zone());
            missing -= begin.isAfter(newest) ? 1 : 0;
            newest = begin.isAfter(newest) ? begin : newest;
            if (missing <= 0 || begin.equals(own)) {
                return slot;
            }
            after = period.next(begin).atStartOfDay(rules.zone()).toInstant().minus(Duration.ofMillis(1));
        }
    }
}
