package io.holdfast.manager.publishing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.holdfast.format.segment.SegmentName;
import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.jobs.Fenced;
import io.holdfast.manager.jobs.JobState;
import io.holdfast.manager.keys.KeyVersion;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.verification.Verifications;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Backups that name segments of an earlier one. */
class BorrowingTest extends BackupAttempts {
    @Test
    void aSecondBackupOfTheSameBringsNothing() throws Exception {
        Attempt first = done("a", "b", "c");
        assertThat(first.lent).isEmpty();
        assertThat(first.brought()).containsExactly("own 0-2 3");
        Attempt second = done("a", "b", "c");
        assertThat(second.brought()).containsExactly(first.backup.backupId() + " 0-2 3");
        assertThat(second.manifest().artifacts().getFirst().storedBytes()).isEqualTo(3);
        assertThat(parts.store.list(StoreLayout.segments("shop-1", second.backup.backupId())))
                .isEmpty();
    }

    @Test
    void whatHasChangedIsBrought() throws Exception {
        Attempt first = done("a", "b", "c", "d", "e");
        Attempt second = done("a", "b", "new", "d", "e", "end");
        assertThat(second.brought()).containsExactly("own 0-1 6", first.backup.backupId() + " 0-1,3-4 4");
        assertThat(second.manifest().artifacts().getFirst().storedBytes()).isEqualTo(10);
    }

    @Test
    void aLenderLendsWhatItHasBorrowed() throws Exception {
        Attempt first = done("a", "b");
        Attempt second = done("a", "c");
        Attempt third = done("c", "a");
        assertThat(third.lender()).isEqualTo(second.backup.backupId());
        assertThat(third.brought())
                .containsExactlyInAnyOrder(first.backup.backupId() + " 0 1", second.backup.backupId() + " 0 1");
    }

    @Test
    void oneSegmentMayBeThereSeveralTimes() throws Exception {
        Attempt first = done("a", "b");
        Attempt second = done("a", "a", "b", "a");
        assertThat(second.brought()).containsExactly(first.backup.backupId() + " 0-1 2");
        assertThat(second.manifest().artifacts().getFirst().storedBytes()).isEqualTo(4);
    }

    @Test
    void theSameNamedAgainIsFineAndAnotherInItsPlaceIsNot() throws Exception {
        done("a", "b");
        Attempt second = new Attempt();
        second.borrow(0, 0, hex("a"));
        second.borrow(0, 0, hex("a"));
        assertThatExceptionOfType(OutOfBounds.class).isThrownBy(() -> second.borrow(0, 1, hex("b")));
    }

    @Test
    void aForgedLineCannotBeNamed() throws Exception {
        done("a", "b");
        Attempt second = new Attempt();
        assertThatExceptionOfType(OutOfBounds.class)
                .isThrownBy(() -> second.borrow(0, 1, hex("a")))
                .withMessageContaining("another segment");
        assertThatExceptionOfType(OutOfBounds.class).isThrownBy(() -> second.borrow(0, 2, hex("a")));
        assertThatExceptionOfType(OutOfBounds.class).isThrownBy(() -> second.borrow(0, -1, hex("a")));
        assertThatExceptionOfType(OutOfBounds.class).isThrownBy(() -> second.borrow(-1, 0, hex("a")));
        assertThatExceptionOfType(OutOfBounds.class).isThrownBy(() -> second.borrow(0, 0, "A"));
    }

    @Test
    void aPositionThatIsBothBroughtAndBorrowedEndsTheAttempt() throws Exception {
        done("a", "b");
        Attempt second = new Attempt();
        second.borrow(0, 0, hex("a"));
        second.borrow(2, 1, hex("b"));
        second.bring(0, "c");
        second.report(3);
        second.commit();
        assertThat(second.state()).isEqualTo(BackupState.PENDING);
        assertThat(parts.backups.isFresh(second.backup.id())).isTrue();
    }

    @Test
    void dl29_aBorrowedObjectThatIsLostEndsTheAttemptAndTheNextBringsEverything() throws Exception {
        Attempt first = done("a", "b");
        SegmentName lost = new SegmentName(first.backup.backupId(), first.job.epoch(), 1);
        parts.store.delete(StoreLayout.segment("shop-1", lost));
        Attempt second = new Attempt().dump("a", "b").commit();
        assertThat(second.state()).isEqualTo(BackupState.PENDING);
        assertThat(parts.jobs.get(second.job.id()).state()).isEqualTo(JobState.QUEUED);
        assertThat(damaged).containsExactly(lost);
        assertThat(new Attempt().lent).isEmpty();
    }

    @Test
    void dl29_aBorrowedObjectWithOtherContentIsFoundWhereItIsRead() throws Exception {
        Attempt first = done("a");
        SegmentName changed = new SegmentName(first.backup.backupId(), first.job.epoch(), 0);
        parts.store.put(StoreLayout.segment("shop-1", changed), new byte[] {'x'});
        new Attempt().dump("a").commit();
        assertThat(damaged).containsExactly(changed);
    }

    @Test
    void whatIsInAnArchiveIsNotBorrowedAndNotCalledDamaged() throws Exception {
        Attempt first = done("a", "b");
        store.archive(StoreLayout.segment("shop-1", new SegmentName(first.backup.backupId(), first.job.epoch(), 0)));
        Attempt second = new Attempt().dump("a", "b").commit();
        assertThat(second.state()).isEqualTo(BackupState.PENDING);
        assertThat(parts.backups.isFresh(second.backup.id())).isTrue();
        assertThat(damaged).isEmpty();
    }

    @Test
    void aLenderThatIsNotGoodAnyMoreEndsTheAttempt() throws Exception {
        Attempt first = done("a", "b");
        Attempt second = new Attempt().dump("a", "b");
        new Verifications(parts.database, parts.backups).failed(first.backup.id(), "found broken meanwhile");
        second.commit();
        assertThat(second.state()).isEqualTo(BackupState.PENDING);
        assertThat(parts.backups.isFresh(second.backup.id())).isTrue();
    }

    private Optional<Lent> choose(Lending from, Attempt to, int keyVersion, List<String> recipients) {
        return from.choose(instance, to.backup, to.job.epoch(), keyVersion, recipients);
    }

    @Test
    void onlyOneOfTheSameLifeKeyRecipientsAndCustodyLends() throws Exception {
        done("a");
        Attempt second = new Attempt();
        KeyVersion key = key();
        List<String> recipients = keys.ring.recipients(key);
        assertThat(second.lent).isPresent();
        assertThat(choose(lending, second, key.version() + 1, recipients))
                .as("after rotation")
                .isEmpty();
        List<String> more = new ArrayList<>(recipients);
        more.add("age1" + "q".repeat(58));
        assertThat(choose(lending, second, key.version(), more))
                .as("a recipient more")
                .isEmpty();
        assertThat(choose(lending, second, key.version(), recipients.subList(0, recipients.size() - 1)))
                .as("a recipient less")
                .isEmpty();
        assertThat(choose(parts.lending(0), second, key.version(), recipients))
                .as("switched off")
                .isEmpty();
        assertThat(parts.backups.lender(second.backup.id())).isEmpty();
        assertThat(choose(lending, second, key.version(), recipients)).isPresent();
        parts.backups.markFresh(second.backup.id());
        assertThat(choose(lending, second, key.version(), recipients))
                .as("a fresh one")
                .isEmpty();
    }

    @Test
    void onlyTheNewestGoodOneLends() throws Exception {
        done("a");
        Attempt second = done("b");
        new Verifications(parts.database, parts.backups).failed(second.backup.id(), "found broken");
        Attempt third = done("a", "b");
        assertThat(third.lender()).isNotEqualTo(second.backup.backupId());
        assertThat(third.brought()).hasSize(2);
    }

    @Test
    void aListThatIsLostWhileItIsBorrowedFromEndsTheAttempt() throws Exception {
        Attempt first = done("a");
        Attempt second = new Attempt();
        lending = parts.lending(14);
        parts.store.put(StoreLayout.list("shop-1", first.backup.backupId()), new byte[] {1});
        assertThatExceptionOfType(Fenced.class).isThrownBy(() -> second.borrow(0, 0, hex("a")));
        assertThat(second.state()).isEqualTo(BackupState.PENDING);
        assertThat(parts.backups.isFresh(second.backup.id())).isTrue();
    }

    @Test
    void aListThatIsNotAsItWasMadeLendsNothing() throws Exception {
        Attempt first = done("a");
        parts.store.put(StoreLayout.list("shop-1", first.backup.backupId()), new byte[] {1});
        Attempt second = done("a");
        assertThat(second.brought()).containsExactly("own 0 1");
    }
}
