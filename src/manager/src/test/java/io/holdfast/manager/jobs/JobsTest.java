package io.holdfast.manager.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.publishing.SegmentRows;
import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.TestDatabase;
import io.holdfast.protocol.AgentMemory;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Heartbeat;
import io.holdfast.protocol.Phase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The queue's fences, on a real database. */
@Tag("state")
class JobsTest {
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final Duration SILENCE = Duration.ofSeconds(60);
    private static final Duration DEADLINE = Duration.ofHours(1);
    private static final AttemptFailure LOST = new AttemptFailure(FailureCode.AGENT_LOST, "silent", null);

    @TempDir
    Path folder;

    private Database database;
    private JobTable jobs;
    private JobLeaseTable leases;
    private long instance;

    @BeforeEach
    void open() {
        database = TestDatabase.open(folder);
        jobs = new JobTable(database);
        leases = new JobLeaseTable(database, Integer.MAX_VALUE, SILENCE);
        Instances instances = new Instances(database);
        instances.register("shop-1", "postgresql");
        instance = instances.find("shop-1").orElseThrow().id();
    }

    @AfterEach
    void close() {
        database.close();
    }

    private Job claim(String session) {
        return leases.claim(new JobLeaseTable.Node(instance, 0, session, null), LEASE)
                .orElseThrow();
    }

    private Optional<Boolean> beat(Job job, Phase phase) {
        AgentMemory memory = new AgentMemory(1, 1, 1, 1, null);
        return leases.heartbeat(job.id(), instance, new Heartbeat(job.epoch(), phase, null, 1, 1, null, memory), LEASE);
    }

    private Optional<Boolean> cutOver(Job job) {
        return leases.cutOver(job.id(), instance, job.epoch(), LEASE);
    }

    private void loseLease(Job job) {
        TestDatabase.run(database, "UPDATE job SET lease_until = 1 WHERE id = " + job.id());
    }

    @Test
    void dl11_nothingThatAStaleAttemptSaysIsAccepted() {
        jobs.add(instance, JobKind.BACKUP, JobOrigin.REQUEST);
        Job first = claim("a");
        loseLease(first);
        assertThat(leases.expired(DEADLINE)).extracting(Job::id).containsExactly(first.id());
        assertThat(jobs.endAttempt(first.id(), instance, first.epoch(), JobState.RUNNING, LOST, Duration.ZERO))
                .contains(JobState.QUEUED);
        Job second = claim("b");
        assertThat(second.id()).isEqualTo(first.id());
        assertThat(second.epoch()).isEqualTo(first.epoch() + 1);

        assertThat(beat(first, Phase.DUMPING)).isEmpty();
        assertThat(jobs.beginCommit(first.id(), instance, first.epoch())).isFalse();
        assertThat(jobs.finish(first.id(), instance, first.epoch(), JobState.RUNNING))
                .isFalse();
        assertThat(cutOver(first)).isEmpty();
        assertThat(jobs.endAttempt(first.id(), instance, first.epoch(), JobState.RUNNING, LOST, null))
                .isEmpty();
        assertThat(new SegmentRows(database).add(instance, first.id(), first.epoch()))
                .isFalse();

        assertThat(jobs.get(second.id()).state()).isEqualTo(JobState.RUNNING);
        assertThat(beat(second, Phase.DUMPING)).contains(false);
        assertThat(jobs.beginCommit(second.id(), instance, second.epoch())).isTrue();
    }

    private void askedLongAgo(Job job) {
        TestDatabase.run(database, "UPDATE job SET cancel_requested_at = 1 WHERE id = " + job.id());
    }

    @Test
    void s7_whoDoesNotObeyIsFoundButNotBeforeItsTimeAndNotWhileItReplacesLiveData() {
        jobs.add(instance, JobKind.RESTORE, JobOrigin.REQUEST);
        Job job = claim("a");
        beat(job, Phase.STAGING);
        assertThat(leases.disobeyed(Duration.ZERO)).isEmpty();
        assertThat(jobs.requestCancel(job.id())).isTrue();
        assertThat(leases.disobeyed(LEASE)).isEmpty();
        askedLongAgo(job);
        assertThat(leases.disobeyed(LEASE)).extracting(Job::id).containsExactly(job.id());
        // Asked again, it does not begin anew.
        assertThat(jobs.requestCancel(job.id())).isTrue();
        assertThat(leases.disobeyed(LEASE)).hasSize(1);
        TestDatabase.run(database, "UPDATE job SET phase = 'validating' WHERE id = " + job.id());
        assertThat(leases.disobeyed(LEASE)).isEmpty();
    }

    @Test
    void s7_aBackupIsNeverPastItsCancellation() {
        jobs.add(instance, JobKind.BACKUP, JobOrigin.REQUEST);
        Job job = claim("a");
        for (Phase phase : Phase.values()) {
            assertThat(beat(job, phase)).contains(false);
        }
        assertThat(cutOver(job)).isEmpty();
        assertThat(jobs.requestCancel(job.id())).isTrue();
        loseLease(job);
        assertThat(leases.expired(DEADLINE)).hasSize(1);
    }

    @Test
    void anotherInstancesAgentChangesNothing() {
        new Instances(database).register("other", "postgresql");
        long other = new Instances(database).find("other").orElseThrow().id();
        jobs.add(instance, JobKind.BACKUP, JobOrigin.REQUEST);
        Job job = claim("a");
        assertThat(leases.isLive(job.id(), other, job.epoch(), JobKind.BACKUP)).isFalse();
        assertThat(jobs.beginCommit(job.id(), other, job.epoch())).isFalse();
        assertThat(leases.claim(new JobLeaseTable.Node(other, 0, "b", null), LEASE))
                .isEmpty();
    }

    @Test
    void dl13_aLostJobDoesNotBlockTheNext() {
        jobs.add(instance, JobKind.BACKUP, JobOrigin.REQUEST);
        jobs.add(instance, JobKind.BACKUP, JobOrigin.REQUEST);
        Job first = claim("a");
        assertThat(leases.claim(new JobLeaseTable.Node(instance, 1, "b", null), LEASE))
                .isEmpty();
        loseLease(first);
        jobs.endAttempt(first.id(), instance, first.epoch(), JobState.RUNNING, LOST, null);
        assertThat(jobs.get(first.id()).state()).isEqualTo(JobState.FAILED);
        assertThat(claim("b").id()).isNotEqualTo(first.id());
    }

    @Test
    void aClaimWhoseAnswerWasLostGetsTheSameJobWithANewEpoch() {
        jobs.add(instance, JobKind.BACKUP, JobOrigin.REQUEST);
        Job first = claim("a");
        Job again = claim("a");
        assertThat(again.id()).isEqualTo(first.id());
        assertThat(again.epoch()).isEqualTo(first.epoch() + 1);
        assertThat(beat(first, Phase.DUMPING)).isEmpty();
    }

    @Test
    void theDatabaseItselfRefusesASecondActiveJobOfAnInstance() {
        jobs.add(instance, JobKind.BACKUP, JobOrigin.REQUEST);
        long second = jobs.add(instance, JobKind.BACKUP, JobOrigin.REQUEST).orElseThrow();
        claim("a");
        assertThatThrownBy(() -> TestDatabase.run(database, "UPDATE job SET state = 'RUNNING' WHERE id = " + second))
                .hasMessageMatching("(?is).*unique.*");
    }

    @Test
    void restoresGoBeforeBackups() {
        jobs.add(instance, JobKind.BACKUP, JobOrigin.REQUEST);
        long restore = jobs.add(instance, JobKind.RESTORE, JobOrigin.REQUEST).orElseThrow();
        assertThat(claim("a").id()).isEqualTo(restore);
    }

    @Test
    void aQueuedJobIsCancelledAtOnceAndARunningOneThroughItsHeartbeat() {
        long queued = jobs.add(instance, JobKind.BACKUP, JobOrigin.REQUEST).orElseThrow();
        assertThat(jobs.requestCancel(queued)).isTrue();
        assertThat(jobs.get(queued).state()).isEqualTo(JobState.CANCELLED);
        assertThat(jobs.requestCancel(queued)).isFalse();

        jobs.add(instance, JobKind.BACKUP, JobOrigin.REQUEST);
        Job running = claim("a");
        assertThat(jobs.requestCancel(running.id())).isTrue();
        assertThat(beat(running, Phase.DUMPING)).contains(true);
        AttemptFailure reason = new AttemptFailure(FailureCode.CANCELLED, "cancelled", null);
        assertThat(jobs.endAttempt(running.id(), instance, running.epoch(), JobState.RUNNING, reason, Duration.ZERO))
                .contains(JobState.CANCELLED);
    }

    @Test
    void aRestoreThatReplacesLiveDataCannotBeCancelled() {
        jobs.add(instance, JobKind.RESTORE, JobOrigin.REQUEST);
        Job job = claim("a");
        assertThat(cutOver(job)).contains(true);
        assertThat(jobs.requestCancel(job.id())).isFalse();
        assertThat(cutOver(job)).as("when the answer was lost").contains(true);
    }

    @Test
    void onlyTheLeaveLeadsToThePhasesThatReplaceLiveDataAndNoHeartbeatOutOfThem() {
        jobs.add(instance, JobKind.RESTORE, JobOrigin.REQUEST);
        Job job = claim("a");
        beat(job, Phase.STAGED);
        beat(job, Phase.SWAPPING);
        assertThat(jobs.get(job.id()).phase()).isEqualTo(Phase.STAGED);
        cutOver(job);
        beat(job, Phase.STAGED);
        assertThat(jobs.get(job.id()).phase()).as("a late heartbeat").isEqualTo(Phase.SWAPPING);
        beat(job, Phase.VALIDATING);
        assertThat(jobs.get(job.id()).phase()).isEqualTo(Phase.VALIDATING);
    }

    @Test
    void aCancelThatCameFirstKeepsARestoreFromReplacingLiveData() {
        jobs.add(instance, JobKind.RESTORE, JobOrigin.REQUEST);
        Job job = claim("a");
        assertThat(beat(job, Phase.STAGED)).contains(false);
        assertThat(jobs.requestCancel(job.id())).isTrue();
        assertThat(cutOver(job)).contains(false);
        assertThat(cutOver(job)).as("when the answer was lost").contains(false);
        assertThat(jobs.get(job.id()).phase()).isEqualTo(Phase.STAGED);
    }

    @Test
    void aRestoreCutOffWhileReplacingWaitsForItsOwnAgentOnly() {
        jobs.add(instance, JobKind.RESTORE, JobOrigin.REQUEST);
        Job job = claim("a");
        cutOver(job);
        TestDatabase.run(database, "UPDATE job SET lease_until = " + Database.NOW + " - 60000 WHERE id = " + job.id());
        leases.expireOlderSessions(instance, 0, "a2");
        assertThat(leases.expired(DEADLINE)).isEmpty();
        assertThat(leases.claim(new JobLeaseTable.Node(instance, 1, "b", null), LEASE))
                .isEmpty();
        assertThat(leases.resume(job.id(), instance, 1, "b", job.epoch(), LEASE))
                .isEmpty();

        Job resumed =
                leases.resume(job.id(), instance, 0, "a2", job.epoch(), LEASE).orElseThrow();
        assertThat(resumed.epoch()).isEqualTo(job.epoch() + 1);
        assertThat(resumed.isReplacing()).isTrue();
        assertThat(jobs.finish(job.id(), instance, job.epoch(), JobState.RUNNING))
                .isFalse();
        assertThat(jobs.finish(job.id(), instance, resumed.epoch(), JobState.RUNNING))
                .isTrue();
    }

    @Test
    void aRestoreCutOffWhileReplacingIsGivenUpAfterTheDeadline() {
        jobs.add(instance, JobKind.RESTORE, JobOrigin.REQUEST);
        Job job = claim("a");
        cutOver(job);
        loseLease(job);
        assertThat(leases.expired(DEADLINE)).extracting(Job::id).containsExactly(job.id());
    }

    @Test
    void whatAnOlderSessionHoldsIsLostAtOnce() {
        jobs.add(instance, JobKind.BACKUP, JobOrigin.REQUEST);
        Job job = claim("a");
        leases.expireOlderSessions(instance, 0, "a");
        assertThat(leases.expired(DEADLINE)).isEmpty();
        leases.expireOlderSessions(instance, 0, "b");
        assertThat(leases.expired(DEADLINE)).extracting(Job::id).containsExactly(job.id());
    }

    @Test
    void aRetryWaitsItsTime() {
        jobs.add(instance, JobKind.BACKUP, JobOrigin.REQUEST);
        Job job = claim("a");
        jobs.endAttempt(job.id(), instance, job.epoch(), JobState.RUNNING, LOST, Duration.ofHours(1));
        assertThat(leases.claim(new JobLeaseTable.Node(instance, 0, "a", null), LEASE))
                .isEmpty();
        assertThat(jobs.get(job.id()).code()).isEqualTo(FailureCode.AGENT_LOST);
    }
}
