package io.holdfast.manager.retention;

import io.holdfast.format.json.Json;
import io.holdfast.manager.config.KeepRules;
import io.holdfast.manager.cron.CronSchedule;
import java.time.Duration;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/**
 * What an instance has instead of the platform's rules; null where it has the platform's.
 *
 * @param timeZone where days begin, such as {@code Europe/Berlin}
 */
public record OwnRules(
        @Nullable Integer last,
        @Nullable Integer withinDays,
        @Nullable Integer daily,
        @Nullable Integer weekly,
        @Nullable Integer monthly,
        @Nullable Integer yearly,
        @Nullable Integer minGoodCopies,
        @Nullable String timeZone) {

    /** What a row holds. */
    public static OwnRules parse(String json) {
        return Json.mapper().readValue(json, OwnRules.class);
    }

    /** For a row. */
    public String toJson() {
        return Json.mapper().writeValueAsString(this);
    }

    /**
     * The rules that count.
     *
     * @throws IllegalArgumentException with the field's name, when a value is out of range
     */
    public KeepRules over(KeepRules platform) {
        return new KeepRules(
                last == null ? platform.last() : last,
                withinDays == null ? platform.within() : Duration.ofDays(withinDays),
                daily == null ? platform.daily() : daily,
                weekly == null ? platform.weekly() : weekly,
                monthly == null ? platform.monthly() : monthly,
                yearly == null ? platform.yearly() : yearly,
                minGoodCopies == null ? platform.minGoodCopies() : minGoodCopies,
                timeZone == null ? platform.zone() : zone(timeZone));
    }

    private static ZoneId zone(String name) {
        try {
            return CronSchedule.zone(name);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("time_zone " + e.getMessage(), e);
        }
    }
}
