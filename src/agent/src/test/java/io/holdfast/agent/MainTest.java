package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.standin.StandInManager;
import io.holdfast.format.json.Json;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Hello;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.Phase;
import io.holdfast.protocol.RestoreResult;
import io.holdfast.testbed.PostgresCluster;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent as a process of its own, with the flags that it is shipped with. */
class MainTest {
    /** What is held today; the goal is 128 MB, see docs/performance.md. */
    private static final long MOST_KILOBYTES = 128 * 1024;

    /** Megabytes of rows; set it to some thousands to measure. */
    private static final int MEGABYTES = Integer.getInteger("holdfast.measure_mb", 100);

    @TempDir
    Path directory;

    private PostgresCluster cluster;
    private StandInManager manager;
    private final List<Process> started = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        cluster = PostgresCluster.start();
        manager = new StandInManager(directory);
    }

    @AfterEach
    void stop() {
        started.forEach(Process::destroyForcibly);
        manager.close();
        cluster.close();
    }

    @Test
    void memoryStaysBelowItsBoundDuringBackupAndRestore() throws Exception {
        cluster.psql(
                "postgres",
                "CREATE TABLE t AS SELECT n, md5(n::text) || repeat('filler ', 10) AS text"
                        + " FROM generate_series(1, " + MEGABYTES * 8000L + ") n");
        Process agent = agent(config(), List.of());
        String backup = manager.orderBackup();
        assertThat(manager.report()).isInstanceOf(BackupResult.class);
        long afterBackup = AgentProcess.peakKilobytes(agent);
        manager.orderRestore(backup, 24);
        assertThat(manager.report()).isInstanceOf(RestoreResult.class);
        long afterRestore = AgentProcess.peakKilobytes(agent);
        System.out.println(
                "peak memory in KB: backup " + afterBackup + ", restore " + afterRestore + ", plaintext bytes "
                        + manager.result(backup).artifacts().stream()
                                .mapToLong(BackupResult.Artifact::plaintextBytes)
                                .sum());
        assertThat(afterBackup).isLessThan(MOST_KILOBYTES);
        assertThat(afterRestore).isLessThan(MOST_KILOBYTES);
    }

    /** The definitions alone have more bytes than is left of the agent's heap, after a backup that has filled it. */
    @Test
    void databaseOfManyLargeDefinitionsComesBackWithinTheSameMemory() throws Exception {
        cluster.psql("postgres", """
                SELECT format('CREATE FUNCTION f%s() RETURNS text LANGUAGE sql AS %L', n,
                    'SELECT ' || quote_literal(repeat(md5(n::text), 320))) FROM generate_series(1, 1500) n \\gexec
                SELECT format('CREATE TABLE t%s (id int PRIMARY KEY, a int)', n) FROM generate_series(1, 500) n \\gexec
                SELECT format('CREATE INDEX ON t%s (a)', n) FROM generate_series(1, 500) n \\gexec
                """);
        Process agent = agent(config(), List.of());
        String backup = manager.orderBackup();
        assertThat(manager.report()).isInstanceOf(BackupResult.class);
        cluster.psql("postgres", "DROP TABLE t7; DROP FUNCTION f7()");
        manager.orderRestore(backup, 24);
        assertThat(manager.report()).isInstanceOf(RestoreResult.class);
        assertThat(agent.isAlive()).isTrue();
        assertThat(cluster.psql(
                                "postgres",
                                "SELECT (SELECT count(*) FROM pg_class WHERE relname ~ '^t[0-9]+$') || ' '"
                                        + " || (SELECT count(*) FROM pg_proc WHERE proname ~ '^f[0-9]+$')")
                        .strip())
                .isEqualTo("500 1500");
        assertThat(AgentProcess.peakKilobytes(agent)).isLessThan(MOST_KILOBYTES);
    }

    @Test
    void requestToStopHandsTheJobBackAndEndsTheProcess() throws Exception {
        Process agent = agentInADump();
        agent.destroy();
        assertThat(((JobFailure) manager.report()).code()).isEqualTo(FailureCode.AGENT_STOPPED);
        assertThat(agent.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertNoDumpRuns();
    }

    @Test
    void aShortJobMayEndWhenTheAgentIsToldToStop() throws Exception {
        Map<String, Object> config = config();
        config.put("stop_within_seconds", 60);
        config.put("status_file", directory.resolve("status").toString());
        Process agent = agentInADump(config);
        agent.destroy();
        assertThat(agent.waitFor(1, TimeUnit.SECONDS)).isFalse();
        assertThat(directory.resolve("status")).content().startsWith("stopping\n");
        Files.writeString(directory.resolve("go"), "");
        assertThat(manager.report()).isInstanceOf(BackupResult.class);
        assertThat(agent.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void t2_agentSaysThatTheOneBeforeItWasKilledAndOnWhatItWorked() throws Exception {
        agentInADump().destroyForcibly().waitFor();
        Process next = agent(config(), AgentProcess.SHORT_LIVED);
        Await.until(() -> {
            Hello hello = manager.hello();
            return hello != null
                    && hello.warnings().stream()
                            .anyMatch(each -> each.contains("ended unexpectedly while it worked on job"));
        });
        next.destroy();
        assertThat(next.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(directory.resolve("work/at-work")).doesNotExist();
    }

    @Test
    void t2_settingsThatNeedMoreMemoryThanThereIsAreRefusedWithTheNumber() throws Exception {
        Map<String, Object> config = config();
        config.put("uploads_in_flight", 8);
        config.put("workers", 4);
        assertThat(refused(config, AgentProcess.SHORT_LIVED))
                .contains("uploads_in_flight 8 and workers 4 need a heap of 51 MB, and the JVM may have 36", "-Xmx51m");
        Process enough = agent(config, List.of("-Xmx51m"));
        Await.until(() -> manager.hello() != null);
        assertThat(enough.isAlive()).isTrue();
    }

    private String refused(Map<String, Object> config, List<String> flags) throws Exception {
        Process agent = AgentProcess.start(config, directory, flags);
        started.add(agent);
        String errors = new String(agent.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(agent.waitFor()).as(errors).isEqualTo(2);
        return errors;
    }

    @Test
    void killedAgentLeavesNoProgramBehind() throws Exception {
        Process agent = agentInADump();
        agent.destroyForcibly().waitFor();
        assertNoDumpRuns();
    }

    @Test
    void crashPointEndsTheProcessAndLeavesItsMarker() throws Exception {
        Path marker = directory.resolve("marker");
        Process agent = agent(
                config(), List.of("-Dholdfast.crash_at=FIRST_SEGMENT_UPLOADED", "-Dholdfast.crash_marker=" + marker));
        manager.orderBackup();
        assertThat(agent.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(agent.exitValue()).isEqualTo(137);
        assertThat(marker).hasContent("FIRST_SEGMENT_UPLOADED");
    }

    @Test
    void everyMistakeInTheConfigurationIsNamedAtOnce() throws Exception {
        Path file = directory.resolve("config.json");
        Files.writeString(file, """
                {"manager": {"url": "http://x", "ca_file": "/nonexistent", "certificate_file": 3},
                 "work_directory": "/tmp/x", "compression_level": 99, "typo": 1,
                 "adapter": {"kind": "postgresql", "host": "h", "password": "canary", "port": "5432"}}""");
        Process agent = AgentProcess.start(file, directory, AgentProcess.SHORT_LIVED);
        started.add(agent);
        String errors = new String(agent.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(agent.waitFor()).isEqualTo(2);
        assertThat(errors)
                .contains("manager.url must be an https address")
                .contains("manager.ca_file names a file that cannot be read")
                .contains("manager.certificate_file must be a text")
                .contains("manager.private_key_file is missing")
                .contains("compression_level must be between 1 and 19")
                .contains("typo is not a known key")
                .contains("adapter.port must be a whole number")
                .contains("adapter.user is missing")
                .doesNotContain("canary")
                .doesNotContain("Exception");
    }

    /** A class that is missing stands for what a JVM throws as an Error: libraries, classes, deep recursion. */
    @Test
    void b1_anErrorFailsTheJobWithItsMessageAndTheAgentGoesOn() throws Exception {
        Path classes = directory.resolve("classes");
        copyWithout(AgentProcess.classes(), classes, "BackupRun.class");
        Path file = directory.resolve("config.json");
        Files.writeString(file, Json.mapper().writeValueAsString(config()));
        Process agent = AgentProcess.start(
                file, directory, AgentProcess.SHORT_LIVED, classes + ":" + AgentProcess.libraries() + "/*");
        started.add(agent);
        for (int attempt = 0; attempt < 2; attempt++) {
            manager.orderBackup();
            JobFailure failure = (JobFailure) manager.report();
            assertThat(failure.code()).isEqualTo(FailureCode.INTERNAL);
            assertThat(failure.message()).contains("NoClassDefFoundError", "BackupRun");
        }
        assertThat(agent.isAlive()).isTrue();
    }

    @Test
    void b1_withoutItsNativeLibraryTheAgentSaysSoAndDoesNotGetReady() throws Exception {
        Map<String, Object> config = config();
        config.put("status_file", directory.resolve("status").toString());
        Process agent = agent(config, List.of("-DZstdNativePath=" + directory.resolve("missing.so")));
        String errors = new String(agent.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(agent.waitFor()).isEqualTo(2);
        assertThat(errors)
                .contains("zstd's native library cannot be loaded", "missing.so", "HINT: ")
                .doesNotContain("\tat ");
        assertThat(directory.resolve("status")).doesNotExist();
    }

    private static void copyWithout(Path from, Path to, String missing) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path each : all.toList()) {
                if (!each.endsWith(missing)) {
                    Files.copy(each, to.resolve(from.relativize(each)));
                }
            }
        }
    }

    private Process agentInADump() throws Exception {
        return agentInADump(config());
    }

    /** Its pg_dump waits for a file named go. */
    private Process agentInADump(Map<String, Object> config) throws Exception {
        Path tools = Files.createDirectory(directory.resolve("tools"));
        for (String name : List.of("pg_dumpall", "pg_restore", "psql")) {
            Files.createSymbolicLink(tools.resolve(name), cluster.bin().resolve(name));
        }
        Files.writeString(tools.resolve("pg_dump"), """
                #!/bin/bash
                if [ "$1" = --version ]; then echo 'pg_dump (PostgreSQL) 15.20'; exit; fi
                while [ ! -e '%s' ]; do sleep 0.2; done
                exec '%s' "$@"
                """.formatted(
                        directory.resolve("go"), cluster.bin().resolve("pg_dump")));
        assertThat(tools.resolve("pg_dump").toFile().setExecutable(true)).isTrue();
        adapter(config).put("tool_directories", List.of(tools.toString()));
        Process agent = agent(config, AgentProcess.SHORT_LIVED);
        manager.orderBackup();
        manager.heartbeatIn(Phase.DUMPING);
        return agent;
    }

    private void assertNoDumpRuns() throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (ProcessHandle.allProcesses()
                .anyMatch(process -> process.info()
                        .commandLine()
                        .orElse("")
                        .contains(directory.resolve("tools/pg_dump").toString()))) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.sleep(50);
        }
    }

    private Process agent(Map<String, Object> config, List<String> flags) throws IOException {
        Process process = AgentProcess.start(config, directory, flags);
        started.add(process);
        return process;
    }

    private Map<String, Object> config() throws IOException {
        Path password = directory.resolve("password");
        Files.writeString(password, cluster.password() + "\n");
        return AgentProcess.config(
                manager,
                directory,
                new LinkedHashMap<>(Map.of(
                        "kind", "postgresql",
                        "host", cluster.host(),
                        "port", cluster.port(),
                        "user", PostgresCluster.USER,
                        "password_file", password.toString())));
    }

    @SuppressWarnings("unchecked") // built above
    private static Map<String, Object> adapter(Map<String, Object> config) {
        return (Map<String, Object>) Objects.requireNonNull(config.get("adapter"));
    }
}
