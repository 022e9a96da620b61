package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.config.PostgresqlConfig;
import io.holdfast.agent.process.Command;
import io.holdfast.agent.standin.StandInManager;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Hello;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.Phase;
import io.holdfast.testbed.PostgresCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Client programs that fail in all the ways in which programs fail: scripts in place of the real ones. */
class BadToolsTest {
    private static PostgresCluster cluster;

    @TempDir
    Path directory;

    private Path tools;
    private StandInManager manager;

    @BeforeAll
    static void startCluster() {
        cluster = PostgresCluster.start();
        cluster.psql("postgres", "CREATE TABLE t AS SELECT n FROM generate_series(1, 100000) n");
    }

    @AfterAll
    static void stopCluster() {
        cluster.close();
    }

    @BeforeEach
    void start() throws Exception {
        manager = new StandInManager(directory);
        tools = Files.createDirectory(directory.resolve("tools"));
        for (String name : List.of("pg_dump", "pg_dumpall", "pg_restore", "psql")) {
            Files.createSymbolicLink(tools.resolve(name), cluster.bin().resolve(name));
        }
    }

    @AfterEach
    void stop() {
        manager.close();
    }

    @Test
    void dl01_dumpThatEndsWithAnErrorFailsTheBackup() throws Exception {
        replace("pg_dump", "exit 1");
        assertThat(failure().code()).isEqualTo(FailureCode.DUMP_FAILED);
        replace("pg_dump", "real \"$@\" | head -c 300000; echo 'the disk is gone' >&2; exit 1");
        JobFailure failure = failure();
        assertThat(failure.code()).isEqualTo(FailureCode.DUMP_FAILED);
        assertThat(failure.message()).contains("pg_dump ended with exit code 1").contains("the disk is gone");
        replace("pg_dump", "real \"$@\"; exit 1");
        assertThat(failure().code()).isEqualTo(FailureCode.DUMP_FAILED);
    }

    private static final String IN_JOURNAL = """
            {"properties": {"name": "%1$s", "artifact": "%1$s", "encoding": "UTF8", "collate": "C", "ctype": "C",
              "owner": "postgres", "tablespace": "pg_default", "connection_limit": -1, "template": false,
              "settings": []}, "staged_name": "holdfast_new_77_1", "staged_oid": %2$s, "expected": {}}""";

    @Test
    void p14_unsettledRestoreFailsNoOtherJob() throws Exception {
        Path journals = Files.createDirectories(directory.resolve("restores"));
        String oid = cluster.psql("postgres", "SELECT oid FROM pg_database WHERE datname = 'postgres'");
        Path journal = Files.writeString(
                journals.resolve("restore-77.json"),
                // Some of its databases have the live names and others have not: only an operator can settle that.
                """
                {"job_id": 77, "epoch": 1, "restore_id": 77, "phase": "ROLLING_BACK", "failure": "of long ago",
                 "state": {"created_roles": [], "databases": [%s, %s], "left_alone": [], "notes": []}}
                """.formatted(IN_JOURNAL.formatted("gone", "5"), IN_JOURNAL.formatted("postgres", oid)));
        replace("pg_dump", "exit 1");
        assertThat(failure().code()).isEqualTo(FailureCode.DUMP_FAILED);
        assertThat(journal).exists();
        replace("pg_dump", "real \"$@\"");
        try (RunningAgent agent = agent(Duration.ofMinutes(1))) {
            manager.orderBackup();
            assertThat(manager.report()).isInstanceOf(BackupResult.class);
            agent.assertNoThreadsLeft();
        }
        assertThat(journal).exists();
    }

    @Test
    void dl01_dumpThatIsKilledFailsTheBackup() throws Exception {
        replace("pg_dump", "real \"$@\" | head -c 300000; kill -KILL $$");
        JobFailure failure = failure();
        assertThat(failure.code()).isEqualTo(FailureCode.DUMP_FAILED);
        assertThat(failure.message()).contains("signal 9");
    }

    @Test
    void dl02_halfADumpThatEndsWellIsIncomplete() throws Exception {
        replace("pg_dump", "real \"$@\" | head -c 300000; exit 0");
        assertThat(failure().code()).isEqualTo(FailureCode.INCOMPLETE_DUMP);
        replace("pg_dump", "exit 0");
        assertThat(failure().code()).isEqualTo(FailureCode.INCOMPLETE_DUMP);
    }

    @Test
    void dl02_globalsWithoutTheirEndMarkAreIncomplete() throws Exception {
        replace("pg_dumpall", "real \"$@\" | head -c 100; exit 0");
        assertThat(failure().code()).isEqualTo(FailureCode.INCOMPLETE_DUMP);
    }

    @Test
    void dumpThatHangsIsEnded() throws Exception {
        replace("pg_dump", "echo -n PGDMP; trap '' TERM; sleep 600");
        assertThat(failure().code()).isEqualTo(FailureCode.TOOL_TIMEOUT);
        assertNoToolRuns();
    }

    @Test
    void dumpThatFillsStandardErrorFailsWithAnExcerpt() throws Exception {
        replace("pg_dump", "head -c 1000000000 /dev/zero | tr '\\0' 'x' >&2; exit 1");
        JobFailure failure = failure();
        assertThat(failure.code()).isEqualTo(FailureCode.DUMP_FAILED);
        assertThat(failure.message()).hasSizeLessThan(10_000).contains("bytes left out");
    }

    @Test
    void cancelLeavesNoProcess() throws Exception {
        replace("pg_dump", "trap '' TERM; (trap '' TERM; while :; do sleep 1; done) & while :; do sleep 1; done");
        try (RunningAgent agent = agent(Duration.ofMinutes(10))) {
            manager.orderBackup();
            manager.heartbeatIn(Phase.DUMPING);
            long start = System.nanoTime();
            manager.cancel(true);
            JobFailure failure = (JobFailure) manager.report();
            assertThat(failure.code()).isEqualTo(FailureCode.CANCELLED);
            assertThat(System.nanoTime() - start).isLessThan(5_000_000_000L);
            assertNoToolRuns();
            agent.assertNoThreadsLeft();
        }
    }

    @Test
    void dl11_fencedAttemptStopsItsProgramsAndReportsNothing() throws Exception {
        replace("pg_dump", "while :; do sleep 1; done");
        try (RunningAgent agent = agent(Duration.ofMinutes(10))) {
            manager.orderBackup();
            manager.heartbeatIn(Phase.DUMPING);
            manager.fence(true);
            assertThat(manager.silentFor(5)).isTrue();
            assertNoToolRuns();
            agent.assertNoThreadsLeft();
            manager.fence(false);
            replace("pg_dump", "real \"$@\"");
            manager.orderBackup();
            assertThat(manager.report()).isInstanceOf(BackupResult.class);
        }
    }

    @Test
    void dl11_attemptStopsByItselfWhenItsLeaseIsOver() throws Exception {
        replace("pg_dump", "while :; do sleep 1; done");
        try (RunningAgent agent = agent(Duration.ofMinutes(10))) {
            manager.lease(3);
            manager.orderBackup();
            manager.heartbeatIn(Phase.DUMPING);
            manager.silence(true);
            assertThat(manager.silentFor(7)).isTrue();
            assertNoToolRuns();
            agent.assertNoThreadsLeft();
        }
    }

    @Test
    void stoppedAgentHandsItsJobBack() throws Exception {
        replace("pg_dump", "while :; do sleep 1; done");
        try (RunningAgent agent = agent(Duration.ofMinutes(10))) {
            manager.orderBackup();
            manager.heartbeatIn(Phase.DUMPING);
            agent.stop();
            assertThat(((JobFailure) manager.report()).code()).isEqualTo(FailureCode.AGENT_STOPPED);
            assertNoToolRuns();
        }
    }

    @Test
    void dl04_fullDiskOfTheServerIsTold() throws Exception {
        try (RunningAgent agent = agent(Duration.ofMinutes(1))) {
            String backup = manager.orderBackup();
            assertThat(manager.report()).isInstanceOf(BackupResult.class);
            replace(
                    "pg_restore",
                    "head -c 300000 > /dev/null; echo 'pg_restore: error: could not extend file \"base/1/2\":"
                            + " No space left on device' >&2; exit 1");
            String before = cluster.dumpAll();
            manager.orderRestore(backup, 24);
            JobFailure failure = (JobFailure) manager.report();
            assertThat(failure.code()).isEqualTo(FailureCode.DISK_FULL);
            assertThat(failure.liveData()).isEqualTo(JobFailure.LiveData.UNTOUCHED);
            assertThat(cluster.dumpAll()).isEqualTo(before);
            assertThat(cluster.psql("postgres", "SELECT datname FROM pg_database WHERE datname ~ '^holdfast'"))
                    .isEmpty();
            agent.assertNoThreadsLeft();
        }
    }

    @Test
    void oldToolsAreWarnedOfAndRefusedOnRequest() throws Exception {
        replace("pg_dump", "real \"$@\"", "pg_dump (PostgreSQL) 15.1");
        try (RunningAgent agent = new RunningAgent(manager, config(true, cluster.password()), directory, none())) {
            manager.orderBackup();
            JobFailure failure = (JobFailure) manager.report();
            assertThat(failure.code()).isEqualTo(FailureCode.TOOL_VERSION);
            assertThat(failure.hint()).contains("refuse_unsafe_tools");
            agent.assertNoThreadsLeft();
        }
        replace("pg_dump", "real \"$@\"", "pg_dump (PostgreSQL) 14.2");
        assertThat(failure().code()).isEqualTo(FailureCode.TOOL_VERSION);
        Hello hello = manager.hello();
        assertThat(hello).isNotNull();
        if (hello != null) {
            assertThat(hello.serverVersion()).isNotNull();
            assertThat(hello.tools()).hasSize(4).allMatch(tool -> tool.warning() != null);
            assertThat(hello.warnings()).anyMatch(warning -> warning.contains("older than"));
        }
    }

    @Test
    void wrongPasswordAndMissingToolsAreTold() throws Exception {
        try (RunningAgent agent = new RunningAgent(manager, config(false, "wrong"), directory, none())) {
            manager.orderBackup();
            JobFailure failure = (JobFailure) manager.report();
            assertThat(failure.code()).isEqualTo(FailureCode.SERVICE_DENIED);
            assertThat(failure.message()).doesNotContain("wrong");
            agent.assertNoThreadsLeft();
        }
        Files.delete(tools.resolve("psql"));
        assertThat(failure().code()).isEqualTo(FailureCode.TOOL_MISSING);
    }

    private JobFailure failure() throws Exception {
        try (RunningAgent agent = agent(Duration.ofSeconds(2))) {
            manager.orderBackup();
            Object report = manager.report();
            assertThat(report).isInstanceOf(JobFailure.class);
            agent.assertNoThreadsLeft();
            return (JobFailure) report;
        }
    }

    private RunningAgent agent(Duration idle) throws IOException {
        return new RunningAgent(
                manager, RunningAgent.config(cluster, List.of(tools.toString()), idle), directory, none());
    }

    private PostgresqlConfig config(boolean refuse, String password) {
        return new PostgresqlConfig(
                cluster.host(),
                cluster.port(),
                PostgresCluster.USER,
                password,
                "postgres",
                List.of(tools.toString()),
                refuse,
                Duration.ofMinutes(1),
                Command.UNLIMITED);
    }

    private static CrashPoints none() {
        return CrashPoints.none();
    }

    private void replace(String tool, String script) throws IOException {
        replace(tool, script, tool + " (PostgreSQL) 15.18");
    }

    private void replace(String tool, String script, String version) throws IOException {
        Path file = tools.resolve(tool);
        Files.deleteIfExists(file);
        Files.writeString(
                file,
                "#!/bin/bash\nif [ \"$1\" = --version ]; then echo '" + version + "'; exit; fi\nreal() { "
                        + cluster.bin().resolve(tool) + " \"$@\"; }\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** No process has the tools' folder in its command line, but one with which the agent asks for its node's role. */
    private void assertNoToolRuns() throws Exception {
        Await.until(() -> ProcessHandle.allProcesses()
                .noneMatch(process -> process.info().commandLine().orElse("").contains(tools.toString())));
    }
}
