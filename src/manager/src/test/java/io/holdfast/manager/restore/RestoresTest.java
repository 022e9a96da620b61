package io.holdfast.manager.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.manager.backup.BackupRows;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.jobs.AttemptFailure;
import io.holdfast.manager.jobs.JobKind;
import io.holdfast.manager.jobs.JobRows;
import io.holdfast.manager.jobs.JobState;
import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.TestDatabase;
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
            JobRows jobs = new JobRows(database);
            RestoreTable restores = new RestoreTable(database);
            long backup = new BackupRows(database).add(instance, "backup-1");
            long job = jobs.add(instance, JobKind.RESTORE);
            long restore = restores.add(instance, backup, job);

            attempt(jobs, instance, job);
            fail(jobs, restores, instance, job, 1, Duration.ZERO);
            attempt(jobs, instance, job);
            assertThat(liveData(restores, instance, restore))
                    .as("while it is tried again")
                    .isNull();
            assertThat(jobs.finish(job, instance, 2, JobState.RUNNING)).isTrue();
            assertThat(liveData(restores, instance, restore)).as("done").isNull();

            long other = jobs.add(instance, JobKind.RESTORE);
            long failed = restores.add(instance, backup, other);
            attempt(jobs, instance, other);
            fail(jobs, restores, instance, other, 1, null);
            assertThat(liveData(restores, instance, failed)).isEqualTo(JobFailure.LiveData.UNTOUCHED);
        }
    }

    private static void attempt(JobRows jobs, long instance, long job) {
        assertThat(jobs.claim(instance, "a", LEASE))
                .hasValueSatisfying(claimed -> assertThat(claimed.id()).isEqualTo(job));
    }

    private static void fail(
            JobRows jobs, RestoreTable restores, long instance, long job, int epoch, @Nullable Duration again) {
        AttemptFailure reason = new AttemptFailure(FailureCode.RESTORE_FAILED, "no room", null);
        assertThat(jobs.endAttempt(job, instance, epoch, reason, again))
                .contains(again == null ? JobState.FAILED : JobState.QUEUED);
        restores.setLiveData(job, JobFailure.LiveData.UNTOUCHED);
    }

    private static JobFailure.@Nullable LiveData liveData(RestoreTable restores, long instance, long restore) {
        return restores.find(instance, restore).orElseThrow().liveData();
    }
}
