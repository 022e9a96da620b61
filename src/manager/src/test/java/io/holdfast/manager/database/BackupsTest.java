package io.holdfast.manager.database;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.manager.database.Jobs.Kind;
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
    private BackupDeletions deletions;
    private long instance;
    private int names;

    @BeforeEach
    void open() {
        database = TestDatabase.open(folder);
        backups = new Backups(database);
        deletions = new BackupDeletions(database);
        new Instances(database).register("shop-1", "postgresql");
        instance = new Instances(database).find("shop-1").orElseThrow().id();
    }

    @AfterEach
    void close() {
        database.close();
    }

    private long backup(Backups.State state) {
        long id = backups.add(
                instance, new Jobs(database).add(instance, Kind.BACKUP).orElseThrow(), "backup-" + names++);
        TestDatabase.run(database, "UPDATE backup SET state = '" + state + "' WHERE id = " + id);
        return id;
    }

    @Test
    void theLastGoodBackupIsNeverDeleted() {
        long good = backup(Backups.State.VERIFIED);
        backup(Backups.State.SUSPECT);
        backup(Backups.State.FAILED);
        backup(Backups.State.PENDING);
        assertThat(deletions.beginOnRequest(good)).isFalse();
        assertThat(backups.get(good).state()).isEqualTo(Backups.State.VERIFIED);
    }

    @Test
    void ofTwoGoodOnesOneMayGo() {
        long older = backup(Backups.State.DONE);
        long newer = backup(Backups.State.DONE);
        assertThat(deletions.beginOnRequest(older)).isTrue();
        assertThat(deletions.beginOnRequest(newer)).isFalse();
    }

    @Test
    void aDamagedOneMayGoOnlyBesideAGoodOne() {
        long suspect = backup(Backups.State.SUSPECT);
        assertThat(deletions.beginOnRequest(suspect)).isFalse();
        backup(Backups.State.DONE);
        assertThat(deletions.beginOnRequest(suspect)).isTrue();
    }

    @Test
    void anUnfinishedOneIsNotDeleted() {
        backup(Backups.State.DONE);
        assertThat(deletions.beginOnRequest(backup(Backups.State.PENDING))).isFalse();
        assertThat(deletions.beginOnRequest(backup(Backups.State.UPLOADED))).isFalse();
    }

    @Test
    void oneThatARestoreUsesIsNotDeleted() {
        long used = backup(Backups.State.DONE);
        backup(Backups.State.DONE);
        long job = new Jobs(database).add(instance, Kind.RESTORE).orElseThrow();
        new Restores(database).add(instance, used, job);
        assertThat(deletions.beginOnRequest(used)).isFalse();
        assertThat(new Jobs(database).requestCancel(job)).isTrue();
        assertThat(deletions.beginOnRequest(used)).isTrue();
    }

    @Test
    void dl23_commitsAreNumberedInTheirOrder() {
        long first = backup(Backups.State.UPLOADED);
        long second = backup(Backups.State.UPLOADED);
        assertThat(backups.sequence(second)).isEqualTo(1);
        assertThat(backups.sequence(first)).isEqualTo(2);
        assertThat(backups.sequence(second)).isEqualTo(1);
    }
}
