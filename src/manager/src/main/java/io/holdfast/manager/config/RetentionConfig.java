package io.holdfast.manager.config;

import io.holdfast.manager.cron.CronSchedule;
import io.holdfast.protocol.settings.SettingsReader;
import java.time.Duration;
import java.time.ZoneId;

/**
 * Which backups are kept, see {@code docs/retention.md}.
 *
 * @param enabled whether backups are ever deleted without being asked
 * @param rules what counts for instances without rules of their own
 * @param deletedInstance how long the backups of a deleted instance are kept
 * @param mostDeletionsPerRun how many backups one run deletes
 * @param every the pause between two runs
 * @param verifiedOnly whether only backups that were read back count as good ones here
 */
public record RetentionConfig(
        boolean enabled,
        KeepRules rules,
        Duration deletedInstance,
        int mostDeletionsPerRun,
        Duration every,
        boolean verifiedOnly) {

    static RetentionConfig read(SettingsReader settings, ZoneId zone, boolean readBack) {
        ZoneId own =
                settings.optionalText("time_zone") == null ? zone : settings.converted("time_zone", CronSchedule::zone);
        KeepRules rules = new KeepRules(
                count(settings, "last", 3, 0),
                Duration.ofDays(count(settings, "within_days", 7, 0)),
                count(settings, "daily", 14, 0),
                count(settings, "weekly", 8, 0),
                count(settings, "monthly", 12, 0),
                count(settings, "yearly", 0, 0),
                count(settings, "min_good_copies", 3, 1),
                own == null ? zone : own);
        return new RetentionConfig(
                settings.flag("enabled", true),
                rules,
                Duration.ofDays(settings.integer("deleted_instance_days", 30, 0, KeepRules.MOST)),
                settings.integer("max_deletions_per_run", 100, 1, 1_000_000),
                Duration.ofSeconds(settings.integer("every_seconds", 3600, 1, 86_400)),
                readBack);
    }

    /** A wrong number is a noted mistake; what is returned for it is only a stand-in. */
    private static int count(SettingsReader settings, String key, int whenMissing, int least) {
        return Math.clamp(settings.integer(key, whenMissing, least, KeepRules.MOST), least, KeepRules.MOST);
    }
}
