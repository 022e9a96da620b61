package io.holdfast.manager.dashboard;

import io.holdfast.manager.cron.CronExpression;
import io.holdfast.manager.cron.CronSchedule;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.retention.OwnRules;
import org.jspecify.annotations.Nullable;

/** The form of schedule and rules, as texts; an empty field means the platform's. */
record PlanForm(
        @Nullable String excluded,
        @Nullable String cron,
        @Nullable String timeZone,
        @Nullable String last,
        @Nullable String withinDays,
        @Nullable String daily,
        @Nullable String weekly,
        @Nullable String monthly,
        @Nullable String yearly,
        @Nullable String minGoodCopies) {

    /** What counts for an instance now. */
    static PlanForm of(Instance instance, @Nullable OwnRules own) {
        return new PlanForm(
                instance.excluded() ? "on" : null,
                instance.scheduleCron(),
                instance.scheduleTimeZone(),
                own == null ? null : text(own.last()),
                own == null ? null : text(own.withinDays()),
                own == null ? null : text(own.daily()),
                own == null ? null : text(own.weekly()),
                own == null ? null : text(own.monthly()),
                own == null ? null : text(own.yearly()),
                own == null ? null : text(own.minGoodCopies()));
    }

    private static @Nullable String text(@Nullable Integer number) {
        return number == null ? null : number.toString();
    }

    boolean isExcluded() {
        return excluded != null;
    }

    /**
     * The schedule in a form that can be kept; null for the platform's.
     *
     * @throws HttpError 400 with the field's name
     */
    @Nullable String ownCron() {
        String text = filled(cron);
        try {
            return text == null ? null : CronExpression.parse(text).toString();
        } catch (IllegalArgumentException e) {
            throw wrong("Times", e);
        }
    }

    /** Likewise its time zone, which only a schedule of its own has. */
    @Nullable String ownZone() {
        String text = filled(timeZone);
        try {
            return text == null || filled(cron) == null
                    ? null
                    : CronSchedule.zone(text).getId();
        } catch (IllegalArgumentException e) {
            throw wrong("Time zone", e);
        }
    }

    /**
     * The rules, where the platform's are not to count.
     *
     * @param before the instance's own rules until now, or null
     */
    @Nullable OwnRules ownRules(@Nullable OwnRules before) {
        OwnRules wanted = new OwnRules(
                number("Newest", last),
                number("Days", withinDays),
                number("Daily", daily),
                number("Weekly", weekly),
                number("Monthly", monthly),
                number("Yearly", yearly),
                number("At least", minGoodCopies),
                before == null ? null : before.timeZone());
        return wanted.equals(new OwnRules(null, null, null, null, null, null, null, null)) ? null : wanted;
    }

    private static @Nullable Integer number(String label, @Nullable String value) {
        String text = filled(value);
        if (text != null && !text.matches("[0-9]{1,6}")) {
            throw new HttpError(ErrorCode.BAD_REQUEST, "'" + label + "' is not a whole number");
        }
        return text == null ? null : (Integer) Integer.parseInt(text);
    }

    private static @Nullable String filled(@Nullable String text) {
        return text == null || text.isBlank() ? null : text.strip();
    }

    static HttpError wrong(String label, IllegalArgumentException why) {
        return new HttpError(ErrorCode.BAD_REQUEST, "'" + label + "': " + why.getMessage());
    }
}
