package io.holdfast.manager.publishing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.jobs.JobState;
import io.holdfast.protocol.LentSegments;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Attempts that name what earlier attempts of the same job have brought (DL-33). */
class RetriesTest extends BackupAttempts {
    /** An attempt that has brought this much of its artifact, and failed. */
    private Attempt failed(String... contents) {
        Attempt attempt = new Attempt();
        for (int i = 0; i < contents.length; i++) {
            attempt.bring(i, contents[i]);
        }
        return attempt.fail();
    }

    @Test
    void dl33_anAttemptTakesWhatTheOneBeforeHasBrought() throws Exception {
        Attempt first = failed("a", "b");
        Attempt second = done("a", "b", "c");
        assertThat(second.backup.id()).isEqualTo(first.backup.id());
        assertThat(second.brought()).containsExactly("own 0 1", "own before 0-1 2");
        assertThat(second.manifest().addedBytes()).isEqualTo(3);
        assertThat(parts.backups.get(second.backup.id()).size()).isEqualTo(3);
        assertThat(new Attempt().lender()).isEqualTo(second.backup.backupId());
    }

    @Test
    void dl33_aThirdAttemptTakesWhatBothHaveBroughtAndWhatTheLenderHas() throws Exception {
        Attempt lender = done("lent", "gone");
        Attempt first = failed("a");
        assertThat(first.lender()).isEqualTo(lender.backup.backupId());
        failed("b");
        Attempt third = done("lent", "a", "b", "c");
        assertThat(third.brought())
                .containsExactlyInAnyOrder(
                        "own 0 1", "own before 0 1", "own before 0 1", lender.backup.backupId() + " 0 4");
        assertThat(third.lent.orElseThrow().earlier())
                .containsExactly(
                        new Lent.Earlier(1, LentSegments.MOST, 1), new Lent.Earlier(2, 2L * LentSegments.MOST, 1));
    }

    @Test
    void whatAnAttemptHasBorrowedIsNotLostWhenItFails() throws Exception {
        failed("a");
        Attempt second = new Attempt();
        second.borrow(0, second.lines.values().iterator().next(), hex("a"));
        second.bring(1, "b");
        second.fail();
        assertThat(done("a", "b").brought()).containsExactlyInAnyOrder("own before 0 1", "own before 0 1");
    }

    @Test
    void whatNeverArrivedIsNotLent() throws Exception {
        Attempt first = failed("a", "b", "c");
        parts.store.delete(first.object(1));
        parts.store.put(first.object(2), "cut off".getBytes(UTF_8));
        Attempt second = done("a", "b", "c");
        assertThat(second.brought()).containsExactly("own 0-1 2", "own before 0 1");
    }

    @Test
    void whatHasOtherContentIsFoundAndTheNextAttemptBringsEverything() throws Exception {
        checksMd5 = false;
        Attempt first = failed("a", "b");
        parts.store.put(first.object(1), "x".getBytes(UTF_8));
        Attempt second = new Attempt().dump("a", "b").commit();
        assertThat(second.state()).isEqualTo(BackupState.PENDING);
        assertThat(parts.jobs.get(second.job.id()).state()).isEqualTo(JobState.QUEUED);
        assertThat(damaged).as("no other backup uses it").isEmpty();
        Attempt third = new Attempt();
        assertThat(third.lent).isEmpty();
        third.dump("a", "b").commit();
        assertThat(third.brought()).containsExactly("own 0-1 2");
    }

    @Test
    void dl34_whatWasEncryptedToAnotherKeyIsNotLent() throws Exception {
        failed("a");
        keys.ring.rotate(instance);
        assertThat(new Attempt().lent).isEmpty();
        assertThat(done("a").brought()).containsExactly("own 0 1");
    }

    @Test
    void switchedOffNothingIsLent() {
        failed("a");
        lending = parts.lending(0);
        assertThat(new Attempt().lent).isEmpty();
    }

    @Test
    void aFreshBackupTakesWhatItsOwnAttemptsHaveBrought() throws Exception {
        done("a", "b");
        parts.backupJobs.queueFresh(instance);
        failed("a");
        assertThat(done("a", "b").brought()).containsExactly("own 0 1", "own before 0 1");
    }

    @Test
    void aJobThatHasEndedLendsNothingAndItsRowsAreForgotten() throws Exception {
        failed("a");
        Attempt second = new Attempt();
        assertThat(parts.segments.forgetEnded()).isFalse();
        assertThat(parts.segments.table.lending(second.job.id(), second.job.epoch()))
                .containsExactly(new AttemptSegmentTable.Last(1, 0));
        second.dump("a").commit();
        parts.segments.forgetEnded();
        assertThat(parts.segments.table.lending(second.job.id(), second.job.epoch() + 1))
                .isEmpty();
        assertThat(parts.segments.borrowed.count(second.job.id(), second.job.epoch()))
                .isZero();
    }

    @Test
    void linesBetweenThePagesStandForNothing() {
        failed("a");
        failed("b");
        Attempt third = new Attempt();
        assertThat(third.lent.orElseThrow().lines()).isEqualTo(LentSegments.MOST + 1);
        assertThatExceptionOfType(OutOfBounds.class).isThrownBy(() -> third.borrow(0, 1, hex("a")));
        assertThatExceptionOfType(OutOfBounds.class)
                .isThrownBy(() -> third.borrow(0, LentSegments.MOST, hex("a")))
                .withMessageContaining("another segment");
        assertThatExceptionOfType(OutOfBounds.class).isThrownBy(() -> third.borrow(0, LentSegments.MOST + 1, hex("b")));
    }

    @Test
    void aManagerThatIsLateWithTheBeginOfAnAttemptChangesNothingOfTheNext() throws Exception {
        done("a");
        Attempt first = failed("b");
        Attempt second = new Attempt();
        assertThat(parts.backups.borrow(instance.id(), first.backup.id(), first.job.epoch(), null))
                .isFalse();
        parts.backupJobs.encryptTo(instance, first.backup, first.job.epoch(), 2, List.of("age1other"));
        second.dump("a", "b").commit();
        assertThat(second.state()).isEqualTo(BackupState.DONE);
        assertThat(second.restored()).containsExactly("a", "b");
        assertThat(second.manifest().keyVersion()).isEqualTo(1);
    }
}
