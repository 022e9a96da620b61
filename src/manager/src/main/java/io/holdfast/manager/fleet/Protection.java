package io.holdfast.manager.fleet;

import io.holdfast.manager.jobs.JobState;
import io.holdfast.manager.sql.Database;
import io.holdfast.protocol.FailureCode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How well instances are protected, for whoever looks after all of them. Instances are listed by how much they need to be
 * looked at: without a good backup first, then by the age of the newest good one; behind them those that the schedule
 * passes over, and deleted ones.
 */
public final class Protection {
    final ProtectionTable table;

    public Protection(Database database) {
        this.table = new ProtectionTable(database);
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
     * @param storedBytes what its listed backups have brought into the store; what they share counts once
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
            @Nullable JobState lastState,
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
        return table.list(part, after, most, silence);
    }

    /**
     * How many there are.
     *
     * @param instances that were not deleted
     * @param unprotected of them, without any good backup, though they are not excluded
     */
    public record Counts(int instances, int unprotected, int agents, int agentsOnline, int running, int queued) {}

    public Counts counts(Duration silence) {
        return table.counts(silence);
    }

    /** A schedule that instances have of their own, or with nulls the platform's. */
    public record Schedule(
            @Nullable String scheduleCron, @Nullable String scheduleTimeZone) {}

    /** The schedules that there are, at most so many. */
    public List<Schedule> schedules(int most) {
        return table.schedules(most);
    }

    /**
     * How many instances have good backups, but none since their schedule's time.
     *
     * @param since of each schedule, the time by which a backup should have been made
     */
    public int overdue(Map<Schedule, Instant> since) {
        return table.overdue(since);
    }

    /**
     * How large a good backup is.
     *
     * @param size bytes of all objects that it uses, also of those that other backups use too
     * @param finishedAt when it was proven
     */
    public record Size(long id, long size, Instant finishedAt) {}

    /** The sizes of an instance's latest good backups, newest first, at most so many. */
    public List<Size> sizes(long instance, int most) {
        return table.sizes(instance, most);
    }
}
