package io.holdfast.manager.verification;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.format.age.WrappedFileKey;
import io.holdfast.format.segment.Fingerprint;
import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentName;
import io.holdfast.manager.TestPlans;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.backup.Replacement;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.jobs.Pauses;
import io.holdfast.protocol.FailureCode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What follows for others when one backup is found to be damaged. */
@Tag("state")
class SuspicionTest {
    private static final SegmentName SHARED = new SegmentName("backup-0", 1, 0);

    @TempDir
    Path folder;

    private TestPlans parts;
    private Instance instance;
    private Pauses pauses;
    private Suspicion suspicion;

    @BeforeEach
    void open() {
        parts = new TestPlans(folder);
        instance = parts.instance("shop-1");
        pauses = new Pauses(parts.database);
        suspicion = new Suspicion(
                parts.database,
                parts.instances,
                parts.lives,
                parts.backups,
                new Verifications(parts.database, parts.backups),
                parts.backupJobs,
                pauses);
    }

    @AfterEach
    void close() {
        parts.close();
    }

    private Backup backup(SegmentName... borrowed) {
        return parts.backups.get(parts.backup(instance, BackupState.VERIFIED, Duration.ofDays(1), borrowed));
    }

    private static UnreadableBackup damage(@Nullable SegmentName segment) {
        return new UnreadableBackup(FailureCode.CORRUPT, "it is damaged", segment, null);
    }

    private BackupState state(Backup backup) {
        return parts.backups.get(backup.id()).state();
    }

    private List<Backup> waiting() {
        return parts.backups.list(instance.id()).stream()
                .filter(each -> each.state() == BackupState.PENDING)
                .toList();
    }

    @Test
    void dl29_allThatUseADamagedObjectAreSuspectAtOnceAndAFreshBackupIsOrdered() {
        Backup lender = backup();
        Backup borrower = backup(SHARED);
        Backup another = backup(SHARED);
        Backup own = backup();
        suspicion.found(borrower, damage(SHARED));
        assertThat(state(lender)).isEqualTo(BackupState.SUSPECT);
        assertThat(state(borrower)).isEqualTo(BackupState.SUSPECT);
        assertThat(state(another)).isEqualTo(BackupState.SUSPECT);
        assertThat(state(own)).isEqualTo(BackupState.VERIFIED);
        assertThat(parts.backups.get(borrower.id()).verification().message()).isEqualTo("CORRUPT: it is damaged");
        assertThat(parts.backups.get(another.id()).verification().message())
                .contains(SHARED.path())
                .contains(borrower.backupId());
        assertThat(waiting())
                .singleElement()
                .satisfies(
                        fresh -> assertThat(parts.backups.isFresh(fresh.id())).isTrue());

        // The same once more is no news.
        parts.queue.cancelAll(instance);
        suspicion.found(lender, damage(SHARED));
        assertThat(waiting()).isEmpty();
    }

    @Test
    void oneThatReadsADamagedObjectInThePlaceOfAnotherIsSuspectToo() throws Exception {
        Backup healed = backup();
        Backup other = backup();
        SegmentName lost = new SegmentName(healed.backupId(), 1, 0);
        SegmentName instead = new SegmentName(other.backupId(), 1, 0);
        assertThat(parts.backups
                        .replacements()
                        .add(
                                instance.id(),
                                "shop-1",
                                other.id(),
                                new Replacement(
                                        lost,
                                        1,
                                        other.backupId(),
                                        new SegmentLine(
                                                "app",
                                                new Fingerprint("0".repeat(64)),
                                                1,
                                                "0".repeat(64),
                                                WrappedFileKey.parse("A".repeat(43), "A".repeat(43)),
                                                instead))))
                .isTrue();
        suspicion.found(other, damage(instead));
        assertThat(state(healed)).isEqualTo(BackupState.SUSPECT);
    }

    @Test
    void oneThatWaitsAlreadyBringsAllOfItsSegments() {
        Backup lender = backup();
        long waits = parts.backupJobs.queue(instance).number();
        assertThat(parts.backups.isFresh(waits)).isFalse();
        suspicion.found(lender, damage(SHARED));
        assertThat(waiting()).singleElement().extracting(Backup::id).isEqualTo(waits);
        assertThat(parts.backups.isFresh(waits)).isTrue();
    }

    @Test
    void whatIsNoObjectsDamageConcernsOneBackupAlone() {
        Backup lender = backup();
        Backup borrower = backup(SHARED);
        suspicion.found(lender, damage(null));
        assertThat(state(lender)).isEqualTo(BackupState.SUSPECT);
        assertThat(state(borrower)).isEqualTo(BackupState.VERIFIED);
        assertThat(waiting()).isEmpty();
    }

    @Test
    void nothingIsOrderedForAnInstanceThatIsPausedOrDeleted() {
        Backup lender = backup();
        Backup borrower = backup(SHARED);
        pauses.pauseInstance(instance.id(), "later");
        suspicion.found(lender, damage(SHARED));
        assertThat(waiting()).isEmpty();
        assertThat(state(borrower)).isEqualTo(BackupState.SUSPECT);
        pauses.resumeInstance(instance.id());
        Backup next = backup(SHARED);
        assertThat(parts.lives.delete(instance.id(), true)).isTrue();
        suspicion.found(lender, damage(SHARED));
        assertThat(state(next)).isEqualTo(BackupState.SUSPECT);
        assertThat(waiting()).isEmpty();
    }
}
