package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.standin.StandInManager;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.RestoreResult;
import io.holdfast.testbed.PostgresCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What only restores into a real PostgreSQL have; {@link PostgresqlTest} has what all adapters have. */
class RestoreTest {
    @TempDir
    Path directory;

    private PostgresCluster cluster;
    private StandInManager manager;

    @BeforeEach
    void start() throws Exception {
        cluster = PostgresCluster.start();
        manager = new StandInManager(directory);
    }

    @AfterEach
    void stop() {
        manager.close();
        cluster.close();
    }

    @Test
    void databaseWithANewLineInItsNameComesBack() throws Exception {
        cluster.psql("postgres", "CREATE DATABASE \"two\nlines\"");
        cluster.psql("two\nlines", "CREATE TABLE t AS SELECT 1 AS id");
        try (RunningAgent agent = RunningAgent.of(manager, cluster, directory)) {
            String backup = backup();
            cluster.psql("postgres", "DROP DATABASE \"two\nlines\"");
            cluster.psql("postgres", "CREATE DATABASE newer");
            manager.orderRestore(backup, 24);
            RestoreResult result = (RestoreResult) manager.report();
            assertThat(result.restored()).containsExactlyInAnyOrder("postgres", "template1", "two\nlines");
            assertThat(result.leftAlone()).containsExactly("newer");
            assertThat(result.kept()).hasSize(2).allMatch(name -> name.startsWith("holdfast_old_"));
            assertThat(cluster.psql("two\nlines", "SELECT id FROM t")).isEqualTo("1");
            agent.assertNoThreadsLeft();
        }
    }

    @Test
    void dl20_wrongKeyLeavesLiveDataAsItIs() throws Exception {
        cluster.psql("postgres", "CREATE ROLE gone; CREATE TABLE t AS SELECT 1 AS id");
        try (RunningAgent agent = RunningAgent.of(manager, cluster, directory)) {
            String backup = backup();
            cluster.psql("postgres", "DROP ROLE gone; UPDATE t SET id = 2");
            String before = cluster.dumpAll();
            manager.giveWrongKeys();
            manager.orderRestore(backup, 24);
            expectFailure(FailureCode.KEY_MISMATCH);
            assertThat(cluster.dumpAll()).isEqualTo(before);
            assertNothingLeft();
            agent.assertNoThreadsLeft();
        }
    }

    @Test
    void dl20_damagedBackupLeavesLiveDataAsItIs() throws Exception {
        cluster.psql("postgres", "CREATE ROLE gone; CREATE TABLE t AS SELECT n FROM generate_series(1, 100000) n");
        try (RunningAgent agent = RunningAgent.of(manager, cluster, directory)) {
            String backup = backup();
            cluster.psql("postgres", "DROP ROLE gone; DELETE FROM t");
            String before = cluster.dumpAll();
            Path object = manager.object(backup, "postgres", 0);
            byte[] good = Files.readAllBytes(object);

            byte[] flipped = good.clone();
            flipped[50] ^= 1; // in the header
            Files.write(object, flipped);
            manager.orderRestore(backup, 24);
            JobFailure failure = (JobFailure) manager.report();
            assertThat(failure.code()).isEqualTo(FailureCode.CORRUPT);

            flipped = good.clone();
            flipped[good.length / 2] ^= 1;
            Files.write(object, flipped);
            manager.orderRestore(backup, 24);
            expectFailure(FailureCode.CORRUPT);

            Files.write(object, Arrays.copyOf(good, good.length - 10));
            manager.orderRestore(backup, 24);
            expectFailure(FailureCode.CORRUPT);

            Files.write(object, Files.readAllBytes(manager.object(backup, "template1", 0)));
            manager.orderRestore(backup, 24);
            failure = (JobFailure) manager.report();
            assertThat(failure.code()).isEqualTo(FailureCode.CORRUPT);

            assertThat(cluster.dumpAll()).isEqualTo(before);
            assertNothingLeft();
            agent.assertNoThreadsLeft();
        }
    }

    @Test
    void lineOfAnotherArtifactInItsPlaceIsTold() throws Exception {
        try (RunningAgent agent = RunningAgent.of(manager, cluster, directory)) {
            String backup = backup();
            manager.swapLines(0, 1);
            manager.orderRestore(backup, 24);
            JobFailure failure = (JobFailure) manager.report();
            assertThat(failure.code()).isEqualTo(FailureCode.CORRUPT);
            assertThat(failure.message())
                    .isEqualTo("line 0 of the list of segments is one of globals and should be one of databases");
            assertNothingLeft();
            agent.assertNoThreadsLeft();
        }
    }

    @Test
    void replacedDatabasesAreDroppedWhenTheirTimeIsOver() throws Exception {
        String kept = "SELECT count(*) FROM pg_database WHERE datname ~ '^holdfast_old_'";
        String backup;
        try (RunningAgent agent = RunningAgent.of(manager, cluster, directory)) {
            backup = backup();
            manager.orderRestore(backup, 24);
            assertThat(manager.report()).isInstanceOf(RestoreResult.class);
            agent.assertNoThreadsLeft();
        }
        try (RunningAgent agent = RunningAgent.of(manager, cluster, directory)) {
            manager.orderRestore(backup, 0);
            assertThat(manager.report()).isInstanceOf(RestoreResult.class);
            assertThat(cluster.psql("postgres", kept)).isEqualTo("4");
            agent.assertNoThreadsLeft();
        }
        try (RunningAgent agent = RunningAgent.of(manager, cluster, directory)) {
            await(() -> cluster.psql("postgres", kept).equals("2"));
            agent.assertNoThreadsLeft();
        }
    }

    @Test
    void dl22_leftoversOfAnEarlierAttemptAreNotRestoredInto() throws Exception {
        cluster.psql("postgres", "CREATE TABLE t AS SELECT 1 AS n");
        try (RunningAgent agent = RunningAgent.of(manager, cluster, directory)) {
            String backup = backup();
            String before = cluster.dumpAll();
            cluster.psql("postgres", "CREATE DATABASE holdfast_new_2_1; CREATE DATABASE holdfast_maintenance_2");
            cluster.psql("holdfast_new_2_1", "CREATE TABLE stale (id int)");
            assertThat(manager.orderRestore(backup, 24)).isEqualTo(2);
            assertThat(manager.report()).isInstanceOf(RestoreResult.class);
            assertThat(cluster.dumpAll()).isEqualTo(before);
            agent.assertNoThreadsLeft();
        }
    }

    @Test
    void backupOfAnotherInstanceIsRefused() throws Exception {
        try (RunningAgent agent = RunningAgent.of(manager, cluster, directory)) {
            Manifest own = manager.manifest(backup());
            manager.orderRestore(
                    new Manifest(
                            own.format(),
                            "another-instance",
                            own.backupId(),
                            own.sequence(),
                            own.startedAt(),
                            own.finishedAt(),
                            own.service(),
                            "99.1",
                            own.life(),
                            own.keyVersion(),
                            own.recipients(),
                            own.artifacts(),
                            own.segments(),
                            own.facts()),
                    24);
            expectFailure(FailureCode.WRONG_INSTANCE);
            manager.orderRestore(
                    new Manifest(
                            own.format(),
                            own.instanceId(),
                            own.backupId(),
                            own.sequence(),
                            own.startedAt(),
                            own.finishedAt(),
                            own.service(),
                            "99.1",
                            own.life(),
                            own.keyVersion(),
                            own.recipients(),
                            own.artifacts(),
                            own.segments(),
                            own.facts()),
                    24);
            expectFailure(FailureCode.ENGINE_INCOMPATIBLE);
            assertNothingLeft();
            agent.assertNoThreadsLeft();
        }
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void await(Condition condition) throws Exception {
        long end = System.nanoTime() + 60_000_000_000L;
        while (!condition.holds()) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.sleep(50);
        }
    }

    private String backup() throws Exception {
        String backup = manager.orderBackup();
        assertThat(manager.report()).isInstanceOf(BackupResult.class);
        return backup;
    }

    private void expectFailure(FailureCode code) throws Exception {
        JobFailure failure = (JobFailure) manager.report();
        assertThat(failure.code()).as(failure.message()).isEqualTo(code);
        assertThat(failure.liveData()).isEqualTo(JobFailure.LiveData.UNTOUCHED);
    }

    private void assertNothingLeft() throws Exception {
        assertThat(cluster.psql("postgres", "SELECT datname FROM pg_database WHERE datname ~ '^holdfast_'"))
                .isEmpty();
        assertThat(cluster.psql("postgres", "SELECT rolname FROM pg_roles WHERE rolname = 'gone'"))
                .isEmpty();
        assertThat(journals()).isEmpty();
    }

    private List<Path> journals() throws Exception {
        Path folder = directory.resolve("restores");
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (var files = Files.list(folder)) {
            return files.toList();
        }
    }
}
