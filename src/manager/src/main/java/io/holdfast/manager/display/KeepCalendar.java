package io.holdfast.manager.display;

import io.holdfast.manager.cron.CronSchedule;
import io.holdfast.manager.retention.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.format.TextStyle;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What rules keep, as a calendar of the past year: the days of which a backup would be there had the schedule always made
 * a good one, and the backups that are there.
 *
 * @param months newest first
 * @param kept how many backups would be there
 * @param stays how many of those that are there stay
 * @param goes how many of them go
 */
public record KeepCalendar(List<Month> months, int kept, int stays, int goes) {
    private static final int MONTHS = 12;
    private static final int MOST_TIMES = 2_000;

    /** A month, in weeks of seven days; days of other months are null. */
    public record Month(String name, List<List<@Nullable Day>> weeks) {}

    /** What becomes of the backups of a day. */
    public enum Fate {
        NOTHING,
        WOULD,
        STAYS,
        GOES
    }

    public record Day(int number, Fate fate) {
        public String style() {
            return fate.name().toLowerCase(Locale.ROOT);
        }

        /** For those who cannot see the colour. */
        public String spoken() {
            return switch (fate) {
                case NOTHING -> "";
                case WOULD -> "kept";
                case STAYS -> "backup is kept";
                case GOES -> "backup is deleted";
            };
        }
    }

    /** The times of a schedule in the past year, the oldest first; of very frequent ones only the newest. */
    public static List<Instant> past(CronSchedule schedule, Instant now) {
        Optional<Instant> latest = schedule.latest(now);
        if (latest.isEmpty()) {
            return List.of();
        }
        Instant second = schedule.latest(latest.get().minusMillis(1)).orElse(Instant.MIN);
        Duration year = Duration.ofDays(366);
        Duration back = second.isBefore(now.minus(year))
                ? year
                : min(year, Duration.between(second, latest.get()).multipliedBy(MOST_TIMES));
        List<Instant> times = new ArrayList<>();
        Optional<Instant> next = schedule.next(now.minus(back));
        while (next.isPresent() && !next.get().isAfter(now)) {
            times.add(next.get());
            next = schedule.next(next.get());
        }
        return times;
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /**
     * Draws it.
     *
     * @param kept of which times a backup would be there
     * @param verdicts what is done with those that are there
     * @param zone where days begin
     */
    public static KeepCalendar of(List<Instant> kept, List<Verdict> verdicts, ZoneId zone, Instant now) {
        Map<LocalDate, Fate> days = new HashMap<>();
        kept.forEach(time -> days.put(LocalDate.ofInstant(time, zone), Fate.WOULD));
        Set<LocalDate> stays = new HashSet<>();
        for (Verdict verdict : verdicts) {
            Instant madeAt = verdict.copy().madeAt();
            if (madeAt != null) {
                LocalDate day = LocalDate.ofInstant(madeAt, zone);
                if (!verdict.goes()) {
                    stays.add(day);
                }
                days.put(day, stays.contains(day) ? Fate.STAYS : Fate.GOES);
            }
        }
        YearMonth last = YearMonth.from(LocalDate.ofInstant(now, zone));
        List<Month> months = new ArrayList<>();
        for (int i = 0; i < MONTHS; i++) {
            months.add(month(last.minusMonths(i), days));
        }
        long going = verdicts.stream().filter(Verdict::goes).count();
        return new KeepCalendar(months, kept.size(), Math.toIntExact(verdicts.size() - going), Math.toIntExact(going));
    }

    private static Month month(YearMonth month, Map<LocalDate, Fate> days) {
        List<List<@Nullable Day>> weeks = new ArrayList<>();
        LocalDate day = month.atDay(1);
        LocalDate monday = day.minusDays(day.getDayOfWeek().getValue() - 1L);
        while (!monday.isAfter(month.atEndOfMonth())) {
            List<@Nullable Day> week = new ArrayList<>();
            for (int i = 0; i < 7; i++) {
                LocalDate each = monday.plusDays(i);
                week.add(
                        YearMonth.from(each).equals(month)
                                ? new Day(each.getDayOfMonth(), days.getOrDefault(each, Fate.NOTHING))
                                : null);
            }
            weeks.add(week);
            monday = monday.plusWeeks(1);
        }
        return new Month(
                month.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH) + " " + month.getYear(), weeks);
    }
}
