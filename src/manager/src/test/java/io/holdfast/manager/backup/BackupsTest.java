package io.holdfast.manager.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.manager.deletion.DeletionRows;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.jobs.JobKind;
import io.holdfast.manager.jobs.JobRows;
import io.holdfast.manager.restore.RestoreRows;
import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.TestDatabase;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which backups may be deleted. */
@Tag("state")
class BackupsTest {
    @TempDir
    Path folder;

    private Database database;
    private Backups backups;
    private DeletionRows deletions;
    private long instance;
    private int names;

    @BeforeEach
    void open() {
        database = TestDatabase.open(folder);
        backups = new Backups(database);
        deletions = new DeletionRows(database);
        new Instances(database).register("shop-1", "postgresql");
        instance = new Instances(database).find("shop-1").orElseThrow().id();
    }

    @AfterEach
    void close() {
        database.close();
    }

    private long backup(BackupState state) {
        long id = new BackupRows(database).add(instance, "backup-" + names++);
        TestDatabase.run(database, "UPDATE backup SET state = '" + state + "' WHERE id = " + id);
        return id;
    }

    @Test
    void theLastGoodBackupIsNeverDeleted() {
        long good = backup(BackupState.VERIFIED);
        backup(BackupState.SUSPECT);
        backup(BackupState.FAILED);
        backup(BackupState.PENDING);
        assertThat(deletions.beginOnRequest(good)).isFalse();
        assertThat(backups.get(good).state()).isEqualTo(BackupState.VERIFIED);
    }

    @Test
    void ofTwoGoodOnesOneMayGo() {
        long older = backup(BackupState.DONE);
        long newer = backup(BackupState.DONE);
        assertThat(deletions.beginOnRequest(older)).isTrue();
        assertThat(deletions.beginOnRequest(newer)).isFalse();
    }

    @Test
    void aDamagedOneMayGoOnlyBesideAGoodOne() {
        long suspect = backup(BackupState.SUSPECT);
        assertThat(deletions.beginOnRequest(suspect)).isFalse();
        backup(BackupState.DONE);
        assertThat(deletions.beginOnRequest(suspect)).isTrue();
    }

    @Test
    void anUnfinishedOneIsNotDeleted() {
        backup(BackupState.DONE);
        assertThat(deletions.beginOnRequest(backup(BackupState.PENDING))).isFalse();
        assertThat(deletions.beginOnRequest(backup(BackupState.UPLOADED))).isFalse();
    }

    @Test
    void oneThatARestoreUsesIsNotDeleted() {
        long used = backup(BackupState.DONE);
        backup(BackupState.DONE);
        long job = new JobRows(database).add(instance, JobKind.RESTORE);
        new RestoreRows(database).add(instance, used, job);
        assertThat(deletions.beginOnRequest(used)).isFalse();
        assertThat(new JobRows(database).requestCancel(job)).isTrue();
        assertThat(deletions.beginOnRequest(used)).isTrue();
    }

    @Test
    void dl23_commitsAreNumberedInTheirOrder() {
        long first = backup(BackupState.UPLOADED);
        long second = backup(BackupState.UPLOADED);
        assertThat(backups.table.sequence(second)).isEqualTo(1);
        assertThat(backups.table.sequence(first)).isEqualTo(2);
        assertThat(backups.table.sequence(second)).isEqualTo(1);
    }
}
