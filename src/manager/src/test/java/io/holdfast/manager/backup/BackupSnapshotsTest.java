package io.holdfast.manager.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.manager.backup.BackupSnapshots.Difference;
import io.holdfast.manager.catalogue.ComparedRows;
import io.holdfast.manager.deletion.DeletionRows;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.TestDatabase;
import io.holdfast.manager.verification.VerificationRows;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the catalogue makes of what agents find in their services' repositories. */
@Tag("state")
class BackupSnapshotsTest {
    private static final Difference NONE = new Difference(List.of(), List.of(), List.of());

    @TempDir
    Path folder;

    private Database database;
    private Backups backups;
    private BackupSnapshots snapshots;
    private long instance;
    private int names;

    @BeforeEach
    void open() {
        database = TestDatabase.open(folder);
        backups = new Backups(database);
        snapshots = new BackupSnapshots(database);
        Instances instances = new Instances(database);
        instances.register("shop-1", "opensearch");
        instances.register("shop-2", "opensearch");
        instance = instances.find("shop-1").orElseThrow().id();
    }

    @AfterEach
    void close() {
        database.close();
    }

    /** One that ended an hour ago, with names as the manager gives them: T0, T1 and so on. */
    private long backup(BackupState state, boolean snapshot) {
        long id = new BackupRows(database).add(instance, "T" + names++);
        TestDatabase.run(
                database,
                "UPDATE backup SET state = '" + state + "', finished_at = now_ms() - 3600000 WHERE id = " + id);
        if (snapshot) {
            snapshots.table.noteKept(id);
        }
        return id;
    }

    @Test
    void whatIsWhereItShouldBeChangesNothing() {
        long good = backup(BackupState.VERIFIED, true);
        backup(BackupState.DONE, false);
        backup(BackupState.PENDING, false);
        assertThat(snapshots.compare(instance, List.of("t0", "t2", "somebody-elses")))
                .isEqualTo(NONE);
        assertThat(backups.get(good).state()).isEqualTo(BackupState.VERIFIED);
        assertThat(backups.get(good).snapshot()).isEqualTo(Snapshot.KEPT);
    }

    @Test
    void snapshotsOfDeletedAndFailedBackupsAreUnneededAndOthersAreNot() {
        backup(BackupState.DELETED, true);
        backup(BackupState.DELETING, true);
        backup(BackupState.FAILED, false);
        long cleared = backup(BackupState.FAILED, false);
        new DeletionRows(database).markClean(cleared);
        backup(BackupState.SUSPECT, true);
        assertThat(snapshots.compare(instance, List.of("t0", "t1", "t2", "t3", "t4")))
                .isEqualTo(new Difference(List.of("t0", "t3"), List.of(), List.of()));
        long other = new Instances(database).find("shop-2").orElseThrow().id();
        assertThat(snapshots.compare(other, List.of("t0")))
                .as("of another instance")
                .isEqualTo(NONE);
    }

    @Test
    void goodBackupWhoseSnapshotIsMissingIsSuspectUntilItIsBack() {
        long lost = backup(BackupState.VERIFIED, true);
        assertThat(snapshots.compare(instance, List.of()))
                .isEqualTo(new Difference(List.of(), List.of("T0"), List.of()));
        assertThat(backups.get(lost).state()).isEqualTo(BackupState.SUSPECT);
        assertThat(backups.get(lost).snapshot()).isEqualTo(Snapshot.MISSING);
        assertThat(backups.get(lost).verification().state()).isEqualTo(VerificationState.QUEUED);
        assertThat(snapshots.compare(instance, List.of())).isEqualTo(NONE);
        assertThat(snapshots.compare(instance, List.of("t0")))
                .isEqualTo(new Difference(List.of(), List.of(), List.of("T0")));
        assertThat(backups.get(lost).snapshot()).isEqualTo(Snapshot.KEPT);
        assertThat(backups.get(lost).state()).as("until it was read back").isEqualTo(BackupState.SUSPECT);
    }

    @Test
    void readingBackThatRunsMeanwhileDoesNotMakeItGoodAgain() {
        long lost = backup(BackupState.DONE, true);
        new VerificationRows(database).begin(lost);
        snapshots.compare(instance, List.of());
        new VerificationRows(database).end(lost, VerificationLevel.DECRYPTED, "all is well");
        assertThat(backups.get(lost).state()).isEqualTo(BackupState.SUSPECT);
        assertThat(backups.get(lost).verification().state()).isEqualTo(VerificationState.QUEUED);
        new VerificationRows(database).end(lost, null, "its snapshot is missing");
        assertThat(backups.get(lost).verification().state()).isEqualTo(VerificationState.FAILED);
    }

    /** Whose place in the store was empty when a catalogue was rebuilt: perhaps it was the wrong store. */
    @Test
    void snapshotOfABackupWhoseDeletionNobodyAskedForIsNotUnneeded() {
        new ComparedRows(database).markGone(backup(BackupState.VERIFIED, true));
        assertThat(snapshots.compare(instance, List.of("t0"))).isEqualTo(NONE);
    }

    @Test
    void oneThatEndedJustNowIsNotMissed() {
        long young = backup(BackupState.DONE, true);
        TestDatabase.run(database, "UPDATE backup SET finished_at = now_ms() WHERE id = " + young);
        assertThat(snapshots.compare(instance, List.of())).isEqualTo(NONE);
        assertThat(backups.get(young).state()).isEqualTo(BackupState.DONE);
    }

    @Test
    void repositoryThatCannotBeLookedAtForADayHasNoBackups() {
        long good = backup(BackupState.VERIFIED, true);
        Instances instances = new Instances(database);
        assertThat(instances.overview(instance, Duration.ofDays(1)).snapshotsSeenAt())
                .isNull();
        assertThat(snapshots.unseen(instance, "no such bucket")).isEmpty();
        assertThat(backups.get(good).state()).isEqualTo(BackupState.VERIFIED);
        assertThat(instances.overview(instance, Duration.ofDays(1)).snapshotsFailure())
                .isEqualTo("no such bucket");
        TestDatabase.run(database, "UPDATE instance SET snapshots_seen_at = now_ms() - 86400001");
        assertThat(snapshots.unseen(instance, "no such bucket")).containsExactly("T0");
        assertThat(snapshots.unseen(instance, "no such bucket")).isEmpty();
        assertThat(backups.get(good).state()).isEqualTo(BackupState.SUSPECT);
        assertThat(backups.get(good).snapshot()).isEqualTo(Snapshot.MISSING);
        assertThat(snapshots.compare(instance, List.of("t0")).back()).containsExactly("T0");
        assertThat(instances.overview(instance, Duration.ofDays(1)).snapshotsFailure())
                .isNull();
    }

    @Test
    void deletedOnesThatAreGoneAreNotLookedAtAgain() {
        long deleted = backup(BackupState.DELETED, true);
        assertThat(snapshots.compare(instance, List.of())).isEqualTo(NONE);
        assertThat(backups.get(deleted).snapshot()).isNull();
    }
}
