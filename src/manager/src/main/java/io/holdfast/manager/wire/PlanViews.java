package io.holdfast.manager.wire;

import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.Hold;
import io.holdfast.manager.config.KeepRules;
import io.holdfast.manager.cron.CronSchedule;
import io.holdfast.manager.retention.KeepReason;
import io.holdfast.manager.retention.RetentionPlans.Plan;
import io.holdfast.manager.retention.Verdict;
import io.holdfast.manager.schedule.Slot;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The shapes of schedules, rules and holds that operators' clients see, see {@code docs/api.md}. */
public final class PlanViews {
    private PlanViews() {}

    /**
     * A schedule.
     *
     * @param own whether it is the instance's own, or the platform's
     */
    public record ScheduleView(String cron, String timeZone, boolean own) {
        public static ScheduleView of(CronSchedule schedule, boolean own) {
            return new ScheduleView(schedule.cron().toString(), schedule.zone().getId(), own);
        }
    }

    public record SlotView(
            Instant at, String outcome, @Nullable String reason) {
        public static SlotView of(Slot slot) {
            return new SlotView(slot.slotAt(), slot.outcome().name().toLowerCase(Locale.ROOT), slot.reason());
        }
    }

    public record RulesView(
            int last,
            long withinDays,
            int daily,
            int weekly,
            int monthly,
            int yearly,
            int minGoodCopies,
            String timeZone,
            boolean own) {
        public static RulesView of(KeepRules rules, boolean own) {
            return new RulesView(
                    rules.last(),
                    rules.within().toDays(),
                    rules.daily(),
                    rules.weekly(),
                    rules.monthly(),
                    rules.yearly(),
                    rules.minGoodCopies(),
                    rules.zone().getId(),
                    own);
        }
    }

    public record HoldView(
            @Nullable String reason,
            Instant heldAt,
            @Nullable Instant expiresAt) {
        public static @Nullable HoldView of(Backup row) {
            Hold hold = row.hold();
            return hold == null ? null : new HoldView(hold.reason(), hold.since(), hold.until());
        }
    }

    public record ReasonView(String reason, String meaning) {}

    public record VerdictView(
            long id,
            String state,
            @Nullable Instant madeAt,
            boolean deletedNow,
            List<ReasonView> keptBecause,
            @Nullable Instant expectedDeletionAt) {
        private static VerdictView of(Verdict verdict, @Nullable Instant estimate) {
            return new VerdictView(
                    verdict.copy().id(),
                    verdict.copy().state().name().toLowerCase(Locale.ROOT),
                    verdict.copy().madeAt(),
                    verdict.goes(),
                    verdict.reasons().stream()
                            .sorted()
                            .map(reason -> new ReasonView(name(reason), reason.meaning()))
                            .toList(),
                    estimate);
        }
    }

    public record RetentionView(Instant at, RulesView rules, List<VerdictView> backups) {
        public static RetentionView of(Plan plan, boolean own) {
            return new RetentionView(
                    plan.at(),
                    RulesView.of(plan.rules(), own),
                    plan.verdicts().stream()
                            .map(each -> VerdictView.of(
                                    each, plan.estimates().get(each.copy().id())))
                            .toList());
        }
    }

    private static String name(KeepReason reason) {
        return reason.name().toLowerCase(Locale.ROOT);
    }
}
