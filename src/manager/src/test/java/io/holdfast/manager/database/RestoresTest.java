package io.holdfast.manager.database;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.manager.database.Jobs.Kind;
import io.holdfast.manager.database.Jobs.Reason;
import io.holdfast.manager.database.Jobs.State;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("state")
class RestoresTest {
    private static final Duration LEASE = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    @Test
    void c3_whatAFailedAttemptSaidOfTheLiveDataHoldsUntilTheNextOneOnly() {
        try (Database database = TestDatabase.open(folder)) {
            Instances instances = new Instances(database);
            instances.register("shop-1", "postgresql");
            long instance = instances.find("shop-1").orElseThrow().id();
            Jobs jobs = new Jobs(database);
            Restores restores = new Restores(database);
            Backups backups = new Backups(database);
            long backup = backups.add(instance, jobs.add(instance, Kind.BACKUP).orElseThrow(), "backup-1");
            long job = jobs.add(instance, Kind.RESTORE).orElseThrow();
            long restore = restores.add(instance, backup, job);
            JobLeases leases = new JobLeases(database, Integer.MAX_VALUE, Duration.ofSeconds(60));

            attempt(leases, instance, job);
            fail(jobs, restores, instance, job, 1, Duration.ZERO);
            attempt(leases, instance, job);
            assertThat(liveData(restores, instance, restore))
                    .as("while it is tried again")
                    .isNull();
            assertThat(jobs.finish(job, instance, 2, State.RUNNING)).isTrue();
            assertThat(liveData(restores, instance, restore)).as("done").isNull();

            long other = jobs.add(instance, Kind.RESTORE).orElseThrow();
            long failed = restores.add(instance, backup, other);
            attempt(leases, instance, other);
            fail(jobs, restores, instance, other, 1, null);
            assertThat(liveData(restores, instance, failed)).isEqualTo(JobFailure.LiveData.UNTOUCHED);
        }
    }

    private static void attempt(JobLeases leases, long instance, long job) {
        assertThat(leases.claim(new JobLeases.Node(instance, 0, "a", null), LEASE))
                .hasValueSatisfying(claimed -> assertThat(claimed.id()).isEqualTo(job));
    }

    private static void fail(
            Jobs jobs, Restores restores, long instance, long job, int epoch, @Nullable Duration again) {
        Reason reason = new Reason(FailureCode.RESTORE_FAILED, "no room", null);
        assertThat(jobs.endAttempt(job, instance, epoch, State.RUNNING, reason, again))
                .contains(again == null ? State.FAILED : State.QUEUED);
        restores.setLiveData(job, JobFailure.LiveData.UNTOUCHED);
    }

    private static JobFailure.@Nullable LiveData liveData(Restores restores, long instance, long restore) {
        return restores.find(instance, restore).orElseThrow().liveData();
    }
}
