package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.CrashPoint;
import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.standin.StandInManager;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.RestoreResult;
import io.holdfast.testbed.PostgresCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Restores into a real PostgreSQL. */
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
    void hardDataComesBackAsItWas() throws Exception {
        HardData.create(cluster);
        String before = cluster.dumpAll();
        try (RunningAgent agent = RunningAgent.of(manager, cluster, directory)) {
            String backup = backup();
            HardData.ruin(cluster);
            cluster.psql("postgres", "CREATE DATABASE newer");
            assertThat(cluster.dumpAll()).isNotEqualTo(before);
            manager.store().breakGets(3);
            manager.orderRestore(backup, 24);
            Object report = manager.report();
            assertThat(report).isInstanceOf(RestoreResult.class);
            RestoreResult result = (RestoreResult) report;
            assertThat(result.restored()).containsAll(HardData.NAMES).contains("postgres", "template1", "latin");
            assertThat(result.leftAlone()).containsExactly("newer");
            assertThat(result.kept()).isNotEmpty().allMatch(name -> name.startsWith("holdfast_old_"));
            cluster.psql("postgres", "DROP DATABASE newer");
            assertThat(cluster.dumpAll()).isEqualTo(before);
            assertThat(journals()).isEmpty();
            assertThat(agent.buffers().available()).isEqualTo(RunningAgent.BUFFERS);
            assertThat(cluster.psql(
                            "postgres", "SELECT count(*) FROM pg_database WHERE datname ~ 'holdfast_(new|main)'"))
                    .isEqualTo("0");
        }
    }

    @Test
    void databaseWithANewLineInItsNameComesBack() throws Exception {
        cluster.psql("postgres", "CREATE DATABASE \"two\nlines\"");
        cluster.psql("two\nlines", "CREATE TABLE t AS SELECT 1 AS id");
        try (RunningAgent agent = RunningAgent.of(manager, cluster, directory)) {
            String backup = backup();
            cluster.psql("postgres", "DROP DATABASE \"two\nlines\"");
            manager.orderRestore(backup, 24);
            assertThat(manager.report()).isInstanceOf(RestoreResult.class);
            assertThat(cluster.psql("two\nlines", "SELECT id FROM t")).isEqualTo("1");
            assertThat(agent.buffers().available()).isEqualTo(RunningAgent.BUFFERS);
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
            assertThat(agent.buffers().available()).isEqualTo(RunningAgent.BUFFERS);
        }
    }

    @Test
    void dl20_damagedBackupLeavesLiveDataAsItIs() throws Exception {
        cluster.psql("postgres", "CREATE ROLE gone; CREATE TABLE t AS SELECT n FROM generate_series(1, 100000) n");
        try (RunningAgent agent = RunningAgent.of(manager, cluster, directory)) {
            String backup = backup();
            cluster.psql("postgres", "DROP ROLE gone; DELETE FROM t");
            String before = cluster.dumpAll();
            Path object = manager.store().object(backup, "postgres", 0);
            byte[] good = Files.readAllBytes(object);

            byte[] flipped = good.clone();
            flipped[50] ^= 1; // in the header
            Files.write(object, flipped);
            manager.orderRestore(backup, 24);
            JobFailure failure = (JobFailure) manager.report();
            assertThat(failure.code()).isIn(FailureCode.CORRUPT, FailureCode.KEY_MISMATCH);

            flipped = good.clone();
            flipped[good.length / 2] ^= 1;
            Files.write(object, flipped);
            manager.orderRestore(backup, 24);
            expectFailure(FailureCode.CORRUPT);

            Files.write(object, Arrays.copyOf(good, good.length - 10));
            manager.orderRestore(backup, 24);
            expectFailure(FailureCode.CORRUPT);

            Files.write(object, Files.readAllBytes(manager.store().object(backup, "template1", 0)));
            manager.orderRestore(backup, 24);
            failure = (JobFailure) manager.report();
            assertThat(failure.code()).isIn(FailureCode.CORRUPT, FailureCode.KEY_MISMATCH);

            assertThat(cluster.dumpAll()).isEqualTo(before);
            assertNothingLeft();
            assertThat(agent.buffers().available()).isEqualTo(RunningAgent.BUFFERS);
        }
    }

    /** Points at which live data is still the old one after a restart, and those at which it is the restored one. */
    private static final Set<CrashPoint> OLD = EnumSet.of(
            CrashPoint.JOB_CLAIMED,
            CrashPoint.STAGING_BEGUN,
            CrashPoint.ROLES_CREATED,
            CrashPoint.DATABASE_STAGED,
            CrashPoint.STAGED,
            CrashPoint.SWAPPING_WRITTEN,
            CrashPoint.LIVE_DATA_CLOSED);

    private static final Set<CrashPoint> NEW =
            EnumSet.of(CrashPoint.SWAPPED, CrashPoint.VALIDATED, CrashPoint.COMMITTED, CrashPoint.RESTORE_REPORTED);

    @Test
    void dl21_crashAtAnyPointLeavesOldOrNewData() throws Exception {
        cluster.psql("postgres", "CREATE ROLE gone; CREATE DATABASE app");
        cluster.psql("app", "CREATE TABLE t AS SELECT n FROM generate_series(1, 1000) n; ALTER TABLE t OWNER TO gone");
        String restored = cluster.dumpAll();
        String backup;
        try (RunningAgent agent = RunningAgent.of(manager, cluster, directory)) {
            backup = backup();
            assertThat(agent.buffers().available()).isEqualTo(RunningAgent.BUFFERS);
        }
        for (CrashPoint point : EnumSet.complementOf(EnumSet.of(
                CrashPoint.FIRST_PART_UPLOADED,
                CrashPoint.BEFORE_BACKUP_COMPLETE,
                CrashPoint.AFTER_BACKUP_COMPLETE,
                CrashPoint.ROLLING_BACK,
                CrashPoint.ROLLED_BACK))) {
            assertThat(OLD.contains(point) || NEW.contains(point))
                    .as(point.name())
                    .isTrue();
            cluster.psql("app", "DROP TABLE t; CREATE TABLE other (id int)");
            cluster.psql("postgres", "DROP ROLE gone");
            String old = cluster.dumpAll();
            crash(point, backup);
            try (RunningAgent agent = RunningAgent.of(manager, cluster, directory)) {
                await(() -> journals().isEmpty());
                assertThat(cluster.dumpAll()).as(point.name()).isEqualTo(OLD.contains(point) ? old : restored);
                cluster.psql("postgres", "SELECT 1"); // takes connections
                assertThat(agent.buffers().available()).isEqualTo(RunningAgent.BUFFERS);
            }
            assertThat(cluster.psql(
                            "postgres", "SELECT count(*) FROM pg_database WHERE datname ~ 'holdfast_(new|main)'"))
                    .as(point.name())
                    .isEqualTo("0");
            if (OLD.contains(point)) {
                cluster.psql("postgres", "CREATE ROLE gone");
                cluster.psql("app", "CREATE TABLE t (id int); DROP TABLE other");
            }
        }
    }

    @Test
    void dl21_restoreThatFailsItsValidationIsRolledBack() throws Exception {
        HardData.create(cluster);
        String backup;
        try (RunningAgent agent = RunningAgent.of(manager, cluster, directory)) {
            backup = backup();
            assertThat(agent.buffers().available()).isEqualTo(RunningAgent.BUFFERS);
        }
        HardData.ruin(cluster);
        cluster.psql("postgres", "ALTER ROLE \"член\" RENAME TO renamed");
        String before = cluster.dumpAll();
        CrashPoints spoiling = point -> {
            if (point == CrashPoint.SWAPPED) {
                cluster.psql("🐘 élan", "DROP TABLE parts CASCADE");
            }
        };
        try (RunningAgent agent = new RunningAgent(manager, RunningAgent.config(cluster), directory, spoiling)) {
            manager.orderRestore(backup, 24);
            expectFailure(FailureCode.VALIDATION_FAILED);
            assertThat(agent.buffers().available()).isEqualTo(RunningAgent.BUFFERS);
        }
        assertThat(cluster.dumpAll()).isEqualTo(before);
        assertNothingLeft();
    }

    @Test
    void dl21_crashWhileRollingBackIsFinishedByTheNextStart() throws Exception {
        cluster.psql("postgres", "CREATE DATABASE app");
        cluster.psql("app", "CREATE TABLE t AS SELECT 1 AS n");
        String backup;
        try (RunningAgent agent = RunningAgent.of(manager, cluster, directory)) {
            backup = backup();
            assertThat(agent.buffers().available()).isEqualTo(RunningAgent.BUFFERS);
        }
        cluster.psql("app", "UPDATE t SET n = 2");
        String before = cluster.dumpAll();
        for (CrashPoint point : List.of(CrashPoint.ROLLING_BACK, CrashPoint.ROLLED_BACK)) {
            CrashPoints spoiling = reached -> {
                if (reached == CrashPoint.SWAPPED) {
                    cluster.psql("app", "DROP TABLE t");
                }
                if (reached == point) {
                    throw new Crash();
                }
            };
            try (RunningAgent agent = new RunningAgent(manager, RunningAgent.config(cluster), directory, spoiling)) {
                manager.orderRestore(backup, 24);
                agent.awaitCrash();
            }
            try (RunningAgent agent = RunningAgent.of(manager, cluster, directory)) {
                expectFailure(FailureCode.VALIDATION_FAILED);
                await(() -> journals().isEmpty());
                assertThat(cluster.dumpAll()).isEqualTo(before);
                assertThat(agent.buffers().available()).isEqualTo(RunningAgent.BUFFERS);
            }
        }
        assertNothingLeft();
    }

    @Test
    void restoreReplacesDatabasesThatAreInUse() throws Exception {
        cluster.psql("postgres", "CREATE DATABASE app");
        cluster.psql("app", "CREATE TABLE t AS SELECT 1 AS n");
        try (RunningAgent agent = RunningAgent.of(manager, cluster, directory)) {
            String backup = backup();
            cluster.psql("app", "UPDATE t SET n = 2");
            AtomicBoolean over = new AtomicBoolean();
            List<Thread> users = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                users.add(Thread.ofPlatform().start(() -> {
                    while (!over.get()) {
                        try {
                            cluster.psql("app", "SELECT n FROM t, pg_sleep(1)");
                        } catch (IllegalStateException e) {
                            // Thrown out, as is to be expected.
                        }
                    }
                }));
            }
            manager.orderRestore(backup, 24);
            assertThat(manager.report()).isInstanceOf(RestoreResult.class);
            over.set(true);
            for (Thread user : users) {
                user.join();
            }
            assertThat(cluster.psql("app", "SELECT n FROM t")).isEqualTo("1");
            assertThat(agent.buffers().available()).isEqualTo(RunningAgent.BUFFERS);
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
            assertThat(agent.buffers().available()).isEqualTo(RunningAgent.BUFFERS);
        }
        try (RunningAgent agent = RunningAgent.of(manager, cluster, directory)) {
            manager.orderRestore(backup, 0);
            assertThat(manager.report()).isInstanceOf(RestoreResult.class);
            assertThat(cluster.psql("postgres", kept)).isEqualTo("4");
            assertThat(agent.buffers().available()).isEqualTo(RunningAgent.BUFFERS);
        }
        try (RunningAgent agent = RunningAgent.of(manager, cluster, directory)) {
            await(() -> cluster.psql("postgres", kept).equals("2"));
            assertThat(agent.buffers().available()).isEqualTo(RunningAgent.BUFFERS);
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
            assertThat(agent.buffers().available()).isEqualTo(RunningAgent.BUFFERS);
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
                            own.keyVersion(),
                            own.recipients(),
                            own.artifacts(),
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
                            own.keyVersion(),
                            own.recipients(),
                            own.artifacts(),
                            own.facts()),
                    24);
            expectFailure(FailureCode.ENGINE_INCOMPATIBLE);
            assertNothingLeft();
            assertThat(agent.buffers().available()).isEqualTo(RunningAgent.BUFFERS);
        }
    }

    /** Ends the agent as if it had been killed: nothing of the work's own is run any more. */
    private static final class Crash extends Error {
        private static final long serialVersionUID = 1L;
    }

    private void crash(CrashPoint at, String backup) throws Exception {
        CrashPoints crashing = point -> {
            if (point == at) {
                throw new Crash();
            }
        };
        try (RunningAgent agent = new RunningAgent(manager, RunningAgent.config(cluster), directory, crashing)) {
            manager.orderRestore(backup, 24);
            agent.awaitCrash();
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
