package io.holdfast.manager.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.manager.TestPlans;
import io.holdfast.manager.cron.MaintenanceWindow;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.schedule.Slots.Outcome;
import io.holdfast.manager.sql.TestDatabase;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Slots and the jobs that become of them, on a real database. The platform's time is 01:30 UTC. */
@Tag("state")
class SchedulerTest {
    private static final Instant FIRST = Instant.parse("2027-03-01T01:30:00Z");

    @TempDir
    Path folder;

    private TestPlans parts;
    private Instance instance;

    @BeforeEach
    void open() {
        parts = new TestPlans(folder);
        instance = parts.instance("shop-1");
    }

    @AfterEach
    void close() {
        parts.close();
    }

    private int backups() {
        return parts.backups.list(instance.id()).size();
    }

    private void startDue(Scheduler scheduler, String time) {
        parts.schedulerTime = Instant.parse(time);
        scheduler.startDue();
    }

    private void endJobs() {
        TestDatabase.run(parts.database, "UPDATE job SET state = 'FAILED'");
    }

    @Test
    void aSlotBecomesOneBackupWhenItsTimeComes() {
        Scheduler scheduler = parts.scheduler();
        startDue(scheduler, "2027-03-01T01:29:59Z");
        // That was yesterday's slot, which counts as missed: the instance is older than it.
        endJobs();
        int before = backups();
        startDue(scheduler, "2027-03-01T01:30:00Z");
        startDue(scheduler, "2027-03-01T01:30:10Z");
        startDue(scheduler, "2027-03-01T23:59:59Z");
        assertThat(backups()).isEqualTo(before + 1);
        assertThat(parts.slots.latest(instance.id()).orElseThrow().slotAt()).isEqualTo(FIRST);
        assertThat(scheduler.nextStart(instance)).contains(FIRST.plus(Duration.ofDays(1)));
    }

    @Test
    void whatWasBeforeTheInstanceIsNoOmission() {
        Scheduler scheduler = parts.scheduler(Duration.ZERO, parts.database::now);
        scheduler.startDue();
        assertThat(backups()).isZero();
        assertThat(scheduler.nextStart(instance)).isPresent();
    }

    @Test
    void sayingTheSameAgainLosesNoSlot() {
        parts.instances.setSchedule(instance.id(), "0 4 * * *", "UTC");
        parts.slots.table.beginNew();
        TestDatabase.run(parts.database, "UPDATE instance SET scheduled_from = 1");
        parts.instances.setExcluded(instance.id(), false);
        parts.instances.setSchedule(instance.id(), "0 4 * * *", "UTC");
        assertThat(parts.slots.table.scheduled(instance.id()).orElseThrow().scheduledFrom())
                .isEqualTo(Instant.ofEpochMilli(1));
        parts.instances.setSchedule(instance.id(), null, null);
        assertThat(parts.slots.table.scheduled(instance.id())).isEmpty();
    }

    @Test
    void missedSlotsRunOnce() {
        Scheduler scheduler = parts.scheduler();
        startDue(scheduler, "2027-03-01T02:00:00Z");
        endJobs();
        int before = backups();
        startDue(scheduler, "2027-03-20T12:00:00Z");
        startDue(scheduler, "2027-03-20T12:00:10Z");
        assertThat(backups()).isEqualTo(before + 1);
        assertThat(parts.slots.latest(instance.id()).orElseThrow().slotAt())
                .isEqualTo(Instant.parse("2027-03-20T01:30:00Z"));
    }

    @Test
    void dl12_twoSchedulersOnOneDatabaseMakeOneJobOfASlot() throws Exception {
        try (TestPlans second = new TestPlans(folder)) {
            List<Scheduler> both = List.of(parts.scheduler(), second.scheduler());
            startDue(both.getFirst(), "2027-03-01T02:00:00Z");
            for (int day = 2; day < 22; day++) {
                endJobs();
                Instant time = FIRST.plus(Duration.ofDays(day));
                parts.schedulerTime = time;
                second.schedulerTime = time;
                CountDownLatch start = new CountDownLatch(1);
                List<Thread> threads = new ArrayList<>();
                for (Scheduler scheduler : both) {
                    threads.add(Thread.ofPlatform().start(() -> {
                        try {
                            start.await();
                            scheduler.startDue();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    }));
                }
                start.countDown();
                for (Thread thread : threads) {
                    thread.join();
                }
                assertThat(backups()).as("day " + day).isEqualTo(day);
            }
        }
    }

    @Test
    void dl12_aSlotWhoseLastBackupHasNotEndedIsSkippedWithTheReason() {
        Scheduler scheduler = parts.scheduler();
        startDue(scheduler, "2027-03-01T02:00:00Z");
        int before = backups();
        startDue(scheduler, "2027-03-02T02:00:00Z");
        endJobs();
        startDue(scheduler, "2027-03-02T03:00:00Z");
        assertThat(backups()).isEqualTo(before);
        assertThat(parts.slots.latest(instance.id())).hasValueSatisfying(slot -> {
            assertThat(slot.outcome()).isEqualTo(Outcome.SKIPPED);
            assertThat(slot.reason()).contains("queued or running");
        });
        startDue(scheduler, "2027-03-03T02:00:00Z");
        assertThat(backups()).isEqualTo(before + 1);
    }

    @Test
    void excludedDeletedAndNeverSeenInstancesHaveNoSlots() {
        parts.instances.register("never-seen", "unknown");
        Instance neverSeen = parts.instances.find("never-seen").orElseThrow();
        Instance deleted = parts.instance("deleted");
        parts.lives.delete(deleted.id(), true);
        parts.instances.setExcluded(instance.id(), true);
        Scheduler scheduler = parts.scheduler();
        startDue(scheduler, "2027-03-05T02:00:00Z");
        for (Instance each : List.of(instance, neverSeen, deleted)) {
            assertThat(parts.backups.list(each.id())).isEmpty();
            assertThat(scheduler.nextStart(each)).isEmpty();
        }
        parts.instances.setExcluded(instance.id(), false);
        startDue(scheduler, "2027-03-05T02:00:10Z");
        assertThat(backups()).isEqualTo(1);
    }

    @Test
    void anInstancesOwnScheduleCountsInItsZone() {
        parts.instances.setSchedule(instance.id(), "30 2 * * *", "Europe/Berlin");
        Instance changed = parts.instances.get(instance.id());
        Scheduler scheduler = parts.scheduler();
        startDue(scheduler, "2027-03-28T00:59:59Z");
        endJobs();
        assertThat(scheduler.nextStart(changed)).contains(Instant.parse("2027-03-28T01:00:00Z"));
        int before = backups();
        startDue(scheduler, "2027-03-28T01:00:00Z");
        assertThat(backups()).isEqualTo(before + 1);
    }

    @Test
    void instancesAreSpreadOverTheWindowAlwaysInTheSameWay() {
        Set<Instant> starts = new HashSet<>();
        Scheduler scheduler = parts.scheduler(Duration.ofMinutes(60), () -> FIRST.minusSeconds(1));
        scheduler.startDue();
        endJobs();
        for (int i = 0; i < 50; i++) {
            Instance each = parts.instance("spread-" + i);
            parts.slots.table.beginNew();
            TestDatabase.run(
                    parts.database,
                    "INSERT INTO slot SELECT id, "
                            + FIRST.minus(Duration.ofDays(1)).toEpochMilli()
                            + ", 'SKIPPED', NULL, NULL, 0 FROM instance WHERE id = " + each.id());
            Instant start = scheduler.nextStart(each).orElseThrow();
            assertThat(start).isBetween(FIRST.minusSeconds(1), FIRST.plusSeconds(3600));
            assertThat(scheduler.nextStart(each)).contains(start);
            starts.add(start);
        }
        assertThat(starts).hasSizeGreaterThan(40);
    }

    @Test
    void inAMaintenanceWindowNothingStartsAndAfterwardsTheSlotRuns() {
        Scheduler scheduler = parts.scheduler(new MaintenanceWindow.Daily(
                LocalTime.of(1, 0), LocalTime.of(3, 0), Set.of(DayOfWeek.TUESDAY), ZoneOffset.UTC));
        startDue(scheduler, "2027-03-01T12:00:00Z");
        endJobs();
        int before = backups();
        assertThat(scheduler.nextStart(instance)).contains(Instant.parse("2027-03-02T03:00:00Z"));
        startDue(scheduler, "2027-03-02T02:59:59Z");
        assertThat(backups()).isEqualTo(before);
        startDue(scheduler, "2027-03-02T03:00:00Z");
        assertThat(backups()).isEqualTo(before + 1);
    }

    @Test
    void aSlotThatIsForgottenIsNotRunAgain() {
        parts.instances.setSchedule(instance.id(), "0 3 29 2 *", null);
        Scheduler scheduler = parts.scheduler();
        startDue(scheduler, "2028-02-29T04:00:00Z");
        endJobs();
        TestDatabase.run(parts.database, "UPDATE slot SET created_at = 1");
        scheduler.forgetOld();
        startDue(scheduler, "2031-05-01T00:00:00Z");
        assertThat(backups()).isEqualTo(1);
    }
}
