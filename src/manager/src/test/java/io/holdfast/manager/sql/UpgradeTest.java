package io.holdfast.manager.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.jobs.AttemptFailure;
import io.holdfast.manager.jobs.Job;
import io.holdfast.manager.jobs.JobKind;
import io.holdfast.manager.jobs.JobRows;
import io.holdfast.manager.jobs.JobState;
import io.holdfast.manager.keys.KeyVersion;
import io.holdfast.manager.keys.KeyVersions;
import io.holdfast.manager.restore.Restores;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A manager takes over the database of the first release. {@code schema-5.db} was written by that manager at real work,
 * with a PostgreSQL and an agent: two backups, the first of them held, a restore, a schedule of its own, a second key, and
 * a third backup that was under way when agent and manager ended.
 */
class UpgradeTest {
    @TempDir
    Path folder;

    private Database upgraded() throws IOException {
        try (InputStream first = Objects.requireNonNull(UpgradeTest.class.getResourceAsStream("schema-5.db"))) {
            Files.copy(first, folder.resolve("manager.db"));
        }
        return Database.sqlite(folder, Clock.systemUTC());
    }

    @Test
    void allThatWasThereIsThere() throws IOException {
        try (Database database = upgraded()) {
            Instance instance = new Instances(database).find("demo_pg").orElseThrow();
            assertThat(instance.scheduleCron()).isEqualTo("0 3 * * *");
            assertThat(instance.scheduleTimeZone()).isEqualTo("Europe/Berlin");
            assertThat(new Backups(database).list(instance.id()))
                    .extracting(Backup::state)
                    .containsExactly(BackupState.PENDING, BackupState.VERIFIED, BackupState.VERIFIED);
            Backup first = new Backups(database).get(1);
            assertThat(Objects.requireNonNull(first.hold()).reason()).isEqualTo("first one");
            assertThat(new Backups(database).manifest(1).orElseThrow()).contains("\"instance_id\"");
            assertThat(new Restores(database).list(instance.id()))
                    .singleElement()
                    .satisfies(restore -> assertThat(restore.job().state()).isEqualTo(JobState.DONE));
            assertThat(new KeyVersions(database).list(instance.id()))
                    .extracting(KeyVersion::version)
                    .containsExactly(2, 1);
        }
    }

    @Test
    void whatWasUnderWayIsTriedAgainAndNewWorkCanBeginAfterwards() throws IOException {
        try (Database database = upgraded()) {
            Instance instance = new Instances(database).find("demo_pg").orElseThrow();
            JobRows jobs = new JobRows(database);
            Job lost = jobs.expired(Duration.ofHours(1)).getFirst();
            assertThat(lost.id()).isEqualTo(4);
            assertThat(jobs.endAttempt(
                            lost.id(),
                            instance.id(),
                            lost.epoch(),
                            new AttemptFailure(FailureCode.AGENT_LOST, "gone", null),
                            Duration.ZERO))
                    .contains(JobState.QUEUED);
            long added = jobs.add(instance.id(), JobKind.RESTORE);
            assertThat(jobs.claim(instance.id(), "new", Duration.ofSeconds(30)))
                    .hasValueSatisfying(job -> assertThat(job.id()).isEqualTo(added));
        }
    }

    @Test
    void aSecondStartChangesNothing() throws IOException {
        upgraded().close();
        try (Database database = Database.sqlite(folder, Clock.systemUTC())) {
            assertThat(new Backups(database).get(2).state()).isEqualTo(BackupState.VERIFIED);
        }
    }
}
