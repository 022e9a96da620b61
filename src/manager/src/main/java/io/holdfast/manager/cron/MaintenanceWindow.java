package io.holdfast.manager.cron;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Optional;
import java.util.Set;

/** A recurring time in which nothing is begun automatically. */
public sealed interface MaintenanceWindow {
    /** When the window that a moment is in ends; empty when it is in none. */
    Optional<Instant> endOf(Instant moment);

    /** Begins with each time of a schedule and lasts so long. */
    record Recurring(CronSchedule start, Duration duration) implements MaintenanceWindow {
        @Override
        public Optional<Instant> endOf(Instant moment) {
            return start.latest(moment).map(begin -> begin.plus(duration)).filter(moment::isBefore);
        }
    }

    /**
     * On some days of the week from one time of day to another, on the next day when that is not later.
     *
     * @param days those on which it begins
     */
    record Daily(LocalTime from, LocalTime to, Set<DayOfWeek> days, ZoneId zone) implements MaintenanceWindow {
        public Daily {
            days = Set.copyOf(days);
        }

        @Override
        public Optional<Instant> endOf(Instant moment) {
            LocalDate today = LocalDate.ofInstant(moment, zone);
            return endOf(moment, today).or(() -> endOf(moment, today.minusDays(1)));
        }

        private Optional<Instant> endOf(Instant moment, LocalDate day) {
            Instant begin = day.atTime(from).atZone(zone).toInstant();
            LocalDate last = to.isAfter(from) ? day : day.plusDays(1);
            Instant end = last.atTime(to).atZone(zone).toInstant();
            boolean inside = days.contains(day.getDayOfWeek()) && !moment.isBefore(begin) && moment.isBefore(end);
            return inside ? Optional.of(end) : Optional.empty();
        }
    }
}
