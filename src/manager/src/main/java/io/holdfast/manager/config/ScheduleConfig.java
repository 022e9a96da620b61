package io.holdfast.manager.config;

import io.holdfast.manager.cron.CronExpression;
import io.holdfast.manager.cron.CronSchedule;
import io.holdfast.manager.cron.MaintenanceWindow;
import io.holdfast.protocol.settings.SettingsReader;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * When backups are scheduled.
 *
 * @param enabled whether they are at all
 * @param platform the schedule of instances that have none of their own
 * @param spread over how long the instances of the platform's schedule are spread from its time on
 * @param leastInterval how close to each other the times of a schedule may be that service brokers and app developers set
 * @param windows in which no scheduled backup starts
 */
public record ScheduleConfig(
        boolean enabled,
        CronSchedule platform,
        Duration spread,
        Duration leastInterval,
        List<MaintenanceWindow> windows) {
    private static final String DEFAULT_CRON = "30 1 * * *";
    private static final int MINUTES_OF_A_DAY = 24 * 60;
    private static final int MINUTES_OF_A_WEEK = 7 * MINUTES_OF_A_DAY;

    public ScheduleConfig {
        windows = List.copyOf(windows);
    }

    static ScheduleConfig read(SettingsReader settings) {
        ZoneId zone = zone(settings, ZoneOffset.UTC);
        CronExpression cron =
                settings.optionalText("cron") == null ? null : settings.converted("cron", CronExpression::parse);
        List<MaintenanceWindow> windows = new ArrayList<>();
        for (SettingsReader each : settings.objects("maintenance_windows")) {
            MaintenanceWindow window = window(each, zone(each, zone));
            if (window != null) {
                windows.add(window);
            }
        }
        return new ScheduleConfig(
                settings.flag("enabled", true),
                new CronSchedule(cron == null ? CronExpression.parse(DEFAULT_CRON) : cron, zone),
                Duration.ofMinutes(settings.integer("spread_minutes", 60, 0, MINUTES_OF_A_DAY)),
                Duration.ofMinutes(settings.integer("min_interval_minutes", 15, 1, MINUTES_OF_A_WEEK)),
                windows);
    }

    private static ZoneId zone(SettingsReader settings, ZoneId whenMissing) {
        ZoneId zone =
                settings.optionalText("time_zone") == null ? null : settings.converted("time_zone", CronSchedule::zone);
        return zone == null ? whenMissing : zone;
    }

    /** One of two forms: {@code cron} with {@code duration_minutes}, or {@code from} and {@code to} on {@code days}. */
    private static @Nullable MaintenanceWindow window(SettingsReader settings, ZoneId zone) {
        if (settings.optionalText("cron") != null) {
            CronExpression cron = settings.converted("cron", CronExpression::parse);
            int minutes = settings.integer("duration_minutes", 0, 1, MINUTES_OF_A_WEEK);
            if (minutes == 0) {
                settings.mistake("duration_minutes", "is missing");
            }
            return cron == null
                    ? null
                    : new MaintenanceWindow.Recurring(new CronSchedule(cron, zone), Duration.ofMinutes(minutes));
        }
        LocalTime from = settings.converted("from", ScheduleConfig::timeOfDay);
        LocalTime to = settings.converted("to", ScheduleConfig::timeOfDay);
        Set<DayOfWeek> days = days(settings);
        return from == null || to == null ? null : new MaintenanceWindow.Daily(from, to, days, zone);
    }

    private static LocalTime timeOfDay(String text) {
        try {
            return LocalTime.parse(text);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("must be a time of day such as 22:00", e);
        }
    }

    private static Set<DayOfWeek> days(SettingsReader settings) {
        Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
        for (String name : settings.texts("days")) {
            int before = days.size();
            for (DayOfWeek day : DayOfWeek.values()) {
                if (day.name().substring(0, 3).equals(name.toUpperCase(Locale.ROOT))) {
                    days.add(day);
                }
            }
            if (days.size() == before) {
                settings.mistake("days", "must have nothing but mon, tue, wed, thu, fri, sat and sun in it, each once");
            }
        }
        return days.isEmpty() ? EnumSet.allOf(DayOfWeek.class) : days;
    }
}
