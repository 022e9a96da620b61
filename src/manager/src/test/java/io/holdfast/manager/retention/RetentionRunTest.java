package io.holdfast.manager.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.manager.TestPlans;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.config.KeepRules;
import io.holdfast.manager.config.RetentionConfig;
import io.holdfast.manager.deletion.Deletions.Cause;
import io.holdfast.manager.deletion.Deletions.Count;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.jobs.JobKind;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.restore.RestoreRows;
import io.holdfast.manager.sql.TestDatabase;
import io.holdfast.manager.store.Store.StoredObject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Deletion by rules, on a real database and store. */
@Tag("state")
class RetentionRunTest {
    private static final RetentionConfig USUAL = TestPlans.config(TestPlans.LAST_TWO, 100, true);

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

    /** Of so many days ago; the first is the oldest. */
    private List<Long> backups(BackupState state, int... daysAgo) {
        List<Long> numbers = new ArrayList<>();
        for (int days : daysAgo) {
            numbers.add(parts.backup(instance, state, Duration.ofDays(days)));
        }
        return numbers;
    }

    private Set<Long> left() {
        return parts.backups.list(instance.id()).stream()
                .filter(each -> each.state().isGood() || each.state() == BackupState.SUSPECT)
                .map(Backup::id)
                .collect(Collectors.toSet());
    }

    private int stored() {
        return (int) parts.store.list(StoreLayout.backups("shop-1")).stream()
                .map(StoredObject::key)
                .filter(key -> key.endsWith("manifest.json"))
                .count();
    }

    @Test
    void dl24_threeMoreThanAreKeptAreDeletedAndNoMore() {
        List<Long> all = backups(BackupState.VERIFIED, 9, 8, 7, 6, 5);
        RetentionRun.Result result = parts.run(USUAL).run();
        assertThat(result.deleted()).isEqualTo(3);
        assertThat(left()).containsExactlyInAnyOrder(all.get(3), all.get(4));
        // A manifest and a list each.
        assertThat(parts.store.list(StoreLayout.backups("shop-1"))).hasSize(4);
        assertThat(parts.store.list(StoreLayout.segments("shop-1"))).hasSize(2);
        assertThat(parts.deletions.counts()).containsExactly(new Count(Cause.RETENTION, 3));
        assertThat(parts.run(USUAL).run().deleted()).isZero();
    }

    @Test
    void dl03_thirtyDaysOfBadBackupsLeaveTheSameGoodOnes() {
        backups(BackupState.VERIFIED, 33, 32);
        Set<Long> before = left();
        for (int day = 30; day > 0; day--) {
            backups(day % 2 == 0 ? BackupState.FAILED : BackupState.PENDING, day);
            parts.run(USUAL).run();
        }
        assertThat(left()).isEqualTo(before);
        backups(BackupState.SUSPECT, 2);
        backups(BackupState.VERIFIED, 1, 1, 1);
        assertThat(parts.run(USUAL).run().suspended()).isEqualTo(1);
        assertThat(left()).containsAll(before).hasSize(6);
    }

    @Test
    void dl25_sixtyDaysOfFailuresKeepTheLastGoodOne() {
        long good = parts.backup(instance, BackupState.VERIFIED, Duration.ofDays(60));
        KeepRules least = new KeepRules(0, Duration.ZERO, 0, 0, 0, 0, 1, ZoneOffset.UTC);
        for (int day = 59; day > 0; day--) {
            parts.backup(instance, BackupState.FAILED, Duration.ofDays(day));
            parts.run(TestPlans.config(least, 100, true)).run();
        }
        assertThat(left()).containsExactly(good);
        assertThat(stored()).isEqualTo(1);
    }

    @Test
    void dl25_theStatementItselfKeepsTheFewestCopies() {
        List<Long> all = backups(BackupState.VERIFIED, 9, 8, 7);
        assertThat(parts.deletionRows.beginOnRetention(all.get(0), 3, true, Retention.MIN_AGE))
                .isFalse();
        assertThat(parts.deletionRows.beginOnRetention(all.get(2), 1, true, Retention.MIN_AGE))
                .as("the newest")
                .isFalse();
        assertThat(parts.deletionRows.beginOnRetention(all.get(0), 2, true, Retention.MIN_AGE))
                .isTrue();
        assertThat(parts.deletionRows.beginOnRetention(all.get(1), 0, true, Retention.MIN_AGE))
                .isTrue();
        assertThat(parts.deletionRows.beginOnRequest(all.get(2))).isFalse();
    }

    @Test
    void dl08_whatIsBeingMadeIsNotTouched() {
        long pending = parts.backup(instance, BackupState.PENDING, Duration.ofDays(30));
        TestDatabase.run(parts.database, "UPDATE job SET state = 'RUNNING'");
        backups(BackupState.VERIFIED, 9, 8, 7);
        assertThat(parts.run(USUAL).run().deleted()).isEqualTo(1);
        assertThat(parts.backups.get(pending).state()).isEqualTo(BackupState.PENDING);
        long young = parts.backup(instance, BackupState.VERIFIED, Duration.ofHours(23));
        assertThat(parts.deletionRows.beginOnRetention(young, 1, true, Retention.MIN_AGE))
                .isFalse();
    }

    @Test
    void dl09_whatARestoreNeedsStays() {
        List<Long> all = backups(BackupState.VERIFIED, 9, 8, 7, 6);
        long job = parts.jobRows.add(instance.id(), JobKind.RESTORE);
        new RestoreRows(parts.database).add(instance.id(), all.get(0), job);
        assertThat(parts.deletionRows.beginOnRequest(all.get(0))).isFalse();
        assertThat(parts.deletionRows.beginOnRetention(all.get(0), 1, true, Retention.MIN_AGE))
                .isFalse();
        assertThat(parts.run(USUAL).run().deleted()).isEqualTo(1);
        assertThat(left()).contains(all.get(0));
        parts.jobRows.requestCancel(job);
        assertThat(parts.run(USUAL).run().deleted()).isEqualTo(1);
    }

    @Test
    void whatSomebodyHoldsStaysUntilTheHoldEnds() {
        List<Long> all = backups(BackupState.VERIFIED, 9, 8, 7, 6);
        assertThat(parts.holds.hold(parts.backups.get(all.get(0)), "for the auditors", null))
                .isTrue();
        assertThat(parts.deletionRows.beginOnRequest(all.get(0))).isFalse();
        assertThat(parts.run(USUAL).run().deleted()).isEqualTo(1);
        assertThat(left()).contains(all.get(0));
        assertThat(parts.deletion.beginWith(instance)).isFalse();
        assertThat(parts.instances.find("shop-1")).isPresent();
        parts.holds.hold(
                parts.backups.get(all.get(0)), "a moment", parts.database.now().minusMillis(1));
        assertThat(parts.run(USUAL).run().deleted()).isEqualTo(1);
    }

    @Test
    void dl10_nothingIsDeletedWhileTheClocksDisagree() {
        backups(BackupState.VERIFIED, 9, 8, 7, 6);
        for (Duration ahead : List.of(Duration.ofMinutes(6), Duration.ofMinutes(-6), Duration.ofDays(3653))) {
            parts.setStoreAhead(ahead);
            RetentionRun.Result result = parts.run(USUAL).run();
            assertThat(result.clockTrusted()).isFalse();
            assertThat(left()).hasSize(4);
        }
        parts.setStoreAhead(Duration.ofMinutes(4));
        assertThat(parts.run(USUAL).run().deleted()).isEqualTo(2);
    }

    @Test
    void dl10_aBackupInTheFutureSuspendsItsInstanceAlsoInTheStatement() {
        List<Long> all = backups(BackupState.VERIFIED, 9, 8, 7, -1);
        assertThat(parts.run(USUAL).run().suspended()).isEqualTo(1);
        assertThat(parts.deletionRows.beginOnRetention(all.get(0), 1, true, Retention.MIN_AGE))
                .isFalse();
    }

    @Test
    void dl07_whenTheStoreLacksWhatStaysNothingGoes() {
        List<Long> all = backups(BackupState.VERIFIED, 9, 8, 7, 6);
        parts.store.delete(
                StoreLayout.manifest("shop-1", parts.backups.get(all.get(3)).backupId()));
        assertThat(parts.run(USUAL).run().deleted()).isZero();
        assertThat(left()).hasSize(4);
    }

    @Test
    void dl27_onlyWhatWasReadBackCounts() {
        List<Long> verified = backups(BackupState.VERIFIED, 20, 19, 18);
        List<Long> done = backups(BackupState.DONE, 9, 8, 7, 6);
        assertThat(parts.run(USUAL).run().deleted()).isEqualTo(1);
        assertThat(left()).doesNotContain(verified.get(0)).containsAll(done).contains(verified.get(1));
        assertThat(parts.deletionRows.beginOnRetention(verified.get(1), 2, true, Retention.MIN_AGE))
                .isFalse();
        RetentionConfig withoutReadBack = TestPlans.config(TestPlans.LAST_TWO, 100, false);
        assertThat(parts.run(withoutReadBack).run().deleted()).isEqualTo(4);
        assertThat(left()).containsExactlyInAnyOrder(done.get(2), done.get(3));
    }

    @Test
    void aCopyThatSharesNothingWithTheNewestStays() {
        List<Long> all = backups(BackupState.VERIFIED, 9, 8, 7, 6, 5);
        TestDatabase.run(
                parts.database,
                "UPDATE backup SET rests_since = (SELECT b.finished_at + 1 FROM backup b WHERE b.id = " + all.get(1)
                        + ") WHERE id = " + all.get(4));
        assertThat(parts.run(USUAL).run().deleted()).isEqualTo(1);
        assertThat(left()).containsExactlyInAnyOrder(all.get(1), all.get(2), all.get(3), all.get(4));
        assertThat(parts.plans(USUAL).verdicts(instance).stream().flatMap(each -> each.reasons().stream()))
                .contains(KeepReason.INDEPENDENT, KeepReason.NEXT_INDEPENDENT);
        TestDatabase.run(parts.database, "UPDATE backup SET rests_since = finished_at WHERE id = " + all.get(4));
        assertThat(parts.run(USUAL).run().deleted()).isEqualTo(2);
        assertThat(left()).containsExactlyInAnyOrder(all.get(3), all.get(4));
    }

    @Test
    void oneRunDeletesOnlySoMany() {
        backups(BackupState.VERIFIED, 9, 8, 7, 6, 5);
        RetentionConfig two = TestPlans.config(TestPlans.LAST_TWO, 2, true);
        assertThat(parts.run(two).run().deleted()).isEqualTo(2);
        assertThat(parts.run(two).run().deleted()).isEqualTo(1);
    }

    @Test
    void anInstancesOwnRulesCount() {
        backups(BackupState.VERIFIED, 9, 8, 7, 6, 5);
        parts.instances.setRetention(
                instance.id(), new OwnRules(4, null, null, null, null, null, 1, "Europe/Berlin").toJson());
        assertThat(parts.run(USUAL).run().deleted()).isEqualTo(1);
        parts.instances.setRetention(instance.id(), null);
        assertThat(parts.run(USUAL).run().deleted()).isEqualTo(2);
    }

    @Test
    void dl26_aSilentInstanceKeepsEverythingAndADeletedOneForSomeDays() {
        List<Long> all = backups(BackupState.VERIFIED, 400, 399);
        TestDatabase.run(parts.database, "UPDATE agent SET last_seen_at = 1");
        parts.run(USUAL).run();
        assertThat(left()).containsExactlyInAnyOrderElementsOf(all);

        assertThat(parts.lives.delete(instance.id(), true)).isTrue();
        assertThat(parts.instances.find("shop-1")).isEmpty();
        assertThat(parts.instances.findWithBackups("shop-1")).isPresent();
        assertThat(parts.run(USUAL).run().deleted()).isZero();

        TestDatabase.run(
                parts.database,
                "UPDATE instance SET deleted_at = deleted_at - "
                        + Duration.ofDays(31).toMillis());
        parts.holds.hold(parts.backups.get(all.get(0)), "for the auditors", null);
        assertThat(parts.run(USUAL).run().deleted()).isEqualTo(1);
        assertThat(parts.instances.findWithBackups("shop-1")).isPresent();
        parts.holds.release(parts.backups.get(all.get(0)));
        assertThat(parts.run(USUAL).run().deleted()).isEqualTo(1);
        assertThat(parts.instances.findWithBackups("shop-1")).isEmpty();
        assertThat(parts.deletions.counts()).containsExactly(new Count(Cause.INSTANCE, 2));
    }

    @Test
    void dl26_anInstanceThatIsRegisteredAgainHasItsBackupsAndSettings() {
        List<Long> all = backups(BackupState.VERIFIED, 40, 39);
        parts.instances.setSchedule(instance.id(), "0 4 * * *", "Europe/Berlin");
        parts.lives.delete(instance.id(), true);
        TestDatabase.run(parts.database, "UPDATE instance SET deleted_at = 1");
        parts.lives.takeBack(instance.id());
        assertThat(parts.run(USUAL).run().deleted()).isZero();
        assertThat(left()).containsExactlyInAnyOrderElementsOf(all);
        assertThat(parts.instances.find("shop-1").orElseThrow().scheduleCron()).isEqualTo("0 4 * * *");
    }
}
