package io.holdfast.manager.database;

import io.holdfast.protocol.FailureCode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How well instances are protected, for whoever looks after all of them. Instances are listed by how much they need to be
 * looked at: without a good backup first, then by the age of the newest good one; behind them those that the schedule
 * passes over, and deleted ones.
 */
public final class Protection {
    private final Database database;

    public Protection(Database database) {
        this.database = database;
    }

    /**
     * Where a row is in the order, so that the next page can begin behind it.
     *
     * @param rank 0 for instances with scheduled backups, 1 for excluded and 2 for deleted ones
     * @param good when the newest good backup was made, in milliseconds, or 0
     */
    public record Place(int rank, long good, String instanceId) {
        /** Before all. */
        public static final Place FIRST = new Place(-1, 0, "");
    }

    /**
     * An instance as the list shows it.
     *
     * @param lastGoodBackupAt when the newest restorable backup was made, or null
     * @param storedBytes what its backups take in the store
     * @param agentsOnline how many of its agents were seen lately
     * @param lastState how its latest backup ended, or where it is; null when there never was one
     * @param lastCode why it failed, or null
     */
    public record Row(
            long id,
            String instanceId,
            String service,
            boolean excluded,
            Instant createdAt,
            @Nullable Instant deletedAt,
            @Nullable String scheduleCron,
            @Nullable String scheduleTimeZone,
            int rank,
            long good,
            @Nullable Instant lastGoodBackupAt,
            long storedBytes,
            int agentsOnline,
            Jobs.@Nullable State lastState,
            @Nullable FailureCode lastCode) {
        /** Where it is in the order. */
        public Place place() {
            return new Place(rank, good, instanceId);
        }
    }

    /**
     * Some of the instances that were not deleted, or whose backups are still kept.
     *
     * @param part only those with this in their names; empty for all
     * @param after only those behind this place
     * @param most how many at most
     * @param silence how long an agent may be silent and still counts as online
     */
    public List<Row> list(String part, Place after, int most, Duration silence) {
        // Only the few that are shown are looked at closely.
        return database.read(handle -> handle.createQuery("""
                        SELECT p.*, CASE WHEN p.good > 0 THEN p.good END AS last_good_backup_at,
                          (SELECT coalesce(sum(size), 0) FROM backup WHERE instance = p.id
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
                .map(RecordMapper.of(Row.class))
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

    /**
     * How many there are.
     *
     * @param instances that were not deleted
     * @param unprotected of them, without any good backup, though they are not excluded
     */
    public record Counts(int instances, int unprotected, int agents, int agentsOnline, int running, int queued) {}

    public Counts counts(Duration silence) {
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
                .map(RecordMapper.of(Counts.class))
                .one());
    }

    /** A schedule that instances have of their own, or with nulls the platform's. */
    public record Schedule(
            @Nullable String scheduleCron, @Nullable String scheduleTimeZone) {}

    /** The schedules that there are, at most so many. */
    public List<Schedule> schedules(int most) {
        return database.read(handle -> handle.createQuery("""
                        SELECT DISTINCT schedule_cron, schedule_time_zone FROM instance
                        WHERE deleted_at IS NULL AND excluded = 0 LIMIT :most
                        """)
                .bind("most", most)
                .map(RecordMapper.of(Schedule.class))
                .list());
    }

    /**
     * How many instances have good backups, but none since their schedule's time.
     *
     * @param since of each schedule, the time by which a backup should have been made
     */
    public int overdue(Map<Schedule, Instant> since) {
        return since.entrySet().stream()
                .mapToInt(each -> overdue(each.getKey(), each.getValue()))
                .sum();
    }

    private int overdue(Schedule schedule, Instant since) {
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

    /**
     * What a good backup takes in the store.
     *
     * @param finishedAt when it was proven
     */
    public record Size(long id, long size, Instant finishedAt) {}

    /** The sizes of an instance's latest good backups, newest first, at most so many. */
    public List<Size> sizes(long instance, int most) {
        return database.read(handle -> handle.createQuery("""
                        SELECT id, size, finished_at FROM backup
                        WHERE instance = :instance AND state IN ('DONE', 'VERIFIED') AND size IS NOT NULL
                        ORDER BY finished_at DESC LIMIT :most
                        """)
                .bind("instance", instance)
                .bind("most", most)
                .map(RecordMapper.of(Size.class))
                .list());
    }
}
