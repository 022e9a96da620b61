package io.holdfast.manager.fleet;

import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.RecordMapper;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The rows of {@link Protection}. */
final class ProtectionTable {
    private final Database database;

    ProtectionTable(Database database) {
        this.database = database;
    }

    List<Protection.Row> list(String part, Protection.Place after, int most, Duration silence) {
        // Only the few that are shown are looked at closely.
        return database.read(handle -> handle.createQuery("""
                        SELECT p.*, CASE WHEN p.good > 0 THEN p.good END AS last_good_backup_at,
                          (SELECT coalesce(sum(coalesce(added_bytes, size)), 0) FROM backup WHERE instance = p.id
                            AND state IN ('DONE', 'VERIFIED', 'SUSPECT')) AS stored_bytes,
                          (SELECT count(*) FROM agent WHERE instance = p.id AND last_seen_at >= %s - :silence)
                            AS agents_online,
                          (SELECT j.state FROM backup b JOIN job j ON j.id = b.job WHERE b.instance = p.id
                            ORDER BY b.id DESC LIMIT 1) AS last_state,
                          (SELECT j.code FROM backup b JOIN job j ON j.id = b.job WHERE b.instance = p.id
                            ORDER BY b.id DESC LIMIT 1) AS last_code
                        FROM (SELECT * FROM (%s) AS ranked
                          WHERE (rank, good, instance_id) > (:rank, :good, :name)
                          ORDER BY rank, good, instance_id LIMIT :most) AS p
                        ORDER BY p.rank, p.good, p.instance_id
                        """.formatted(Database.NOW, RANKED))
                .bind("part", part.toLowerCase(Locale.ROOT).replaceAll("[!%_]", "!$0"))
                .bind("rank", after.rank())
                .bind("good", after.good())
                .bind("name", after.instanceId())
                .bind("most", most)
                .bind("silence", silence.toMillis())
                .map(RecordMapper.of(Protection.Row.class))
                .list());
    }

    private static final String RANKED = """
            SELECT i.id, i.instance_id, i.service, i.excluded, i.created_at, i.deleted_at, i.schedule_cron,
              i.schedule_time_zone,
              CASE WHEN i.deleted_at IS NOT NULL THEN 2 ELSE i.excluded END AS rank,
              coalesce((SELECT max(finished_at) FROM backup WHERE instance = i.id AND state IN ('DONE', 'VERIFIED')), 0)
                AS good
            FROM instance i WHERE (i.deleted_at IS NULL OR i.backups_kept = 1)
              AND (:part = '' OR lower(i.instance_id) LIKE '%' || :part || '%' ESCAPE '!')
            """;

    Protection.Counts counts(Duration silence) {
        return database.read(handle -> handle.createQuery("""
                        SELECT (SELECT count(*) FROM instance WHERE deleted_at IS NULL) AS instances,
                          (SELECT count(*) FROM instance i WHERE deleted_at IS NULL AND excluded = 0 AND NOT EXISTS (
                            SELECT 1 FROM backup WHERE instance = i.id AND state IN ('DONE', 'VERIFIED'))) AS unprotected,
                          (SELECT count(*) FROM agent a JOIN instance i ON i.id = a.instance
                            WHERE i.deleted_at IS NULL) AS agents,
                          (SELECT count(*) FROM agent a JOIN instance i ON i.id = a.instance
                            WHERE i.deleted_at IS NULL AND a.last_seen_at >= %s - :silence) AS agents_online,
                          (SELECT count(*) FROM job WHERE state IN ('RUNNING', 'COMMITTING')) AS running,
                          (SELECT count(*) FROM job WHERE state = 'QUEUED') AS queued
                        """.formatted(Database.NOW))
                .bind("silence", silence.toMillis())
                .map(RecordMapper.of(Protection.Counts.class))
                .one());
    }

    List<Protection.Schedule> schedules(int most) {
        return database.read(handle -> handle.createQuery("""
                        SELECT DISTINCT schedule_cron, schedule_time_zone FROM instance
                        WHERE deleted_at IS NULL AND excluded = 0 LIMIT :most
                        """)
                .bind("most", most)
                .map(RecordMapper.of(Protection.Schedule.class))
                .list());
    }

    int overdue(Map<Protection.Schedule, Instant> since) {
        return since.entrySet().stream()
                .mapToInt(each -> overdue(each.getKey(), each.getValue()))
                .sum();
    }

    private int overdue(Protection.Schedule schedule, Instant since) {
        return database.read(handle -> handle.createQuery("""
                        SELECT count(*) FROM instance i
                        WHERE i.deleted_at IS NULL AND i.excluded = 0
                          AND coalesce(i.schedule_cron, '') = coalesce(:cron, '')
                          AND coalesce(i.schedule_time_zone, '') = coalesce(:zone, '')
                          AND (SELECT max(finished_at) FROM backup WHERE instance = i.id
                            AND state IN ('DONE', 'VERIFIED')) < :since
                        """)
                .bind("cron", schedule.scheduleCron())
                .bind("zone", schedule.scheduleTimeZone())
                .bind("since", since)
                .mapTo(Integer.class)
                .one());
    }

    List<Protection.Size> sizes(long instance, int most) {
        return database.read(handle -> handle.createQuery("""
                        SELECT id, size, finished_at FROM backup
                        WHERE instance = :instance AND state IN ('DONE', 'VERIFIED') AND size IS NOT NULL
                        ORDER BY finished_at DESC LIMIT :most
                        """)
                .bind("instance", instance)
                .bind("most", most)
                .map(RecordMapper.of(Protection.Size.class))
                .list());
    }
}
