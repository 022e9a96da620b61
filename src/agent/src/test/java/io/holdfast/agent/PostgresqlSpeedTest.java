package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.standin.StandInManager;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.RestoreResult;
import io.holdfast.testbed.PostgresCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a small backup and a small restore cost beside their data: programs, each of which is a process and a connection. A
 * server with three databases, of which one has 1 MB; a line with times and counts is printed, for {@code
 * docs/performance.md}.
 */
class PostgresqlSpeedTest {
    private static final int ROUNDS = 5;
    private static final int MOST_PROGRAMS = 8;

    @TempDir
    Path directory;

    @Test
    void restoreOfThreeSmallDatabasesStartsFewPrograms() throws Exception {
        try (PostgresCluster cluster = PostgresCluster.start();
                StandInManager manager = new StandInManager(directory)) {
            cluster.psql("postgres", "CREATE DATABASE shop");
            cluster.psql("shop", """
                    CREATE TABLE t AS SELECT n, repeat(md5(n::text), 3) AS v FROM generate_series(1, 10000) n;
                    ALTER TABLE t ADD PRIMARY KEY (n);
                    """);
            Path started = directory.resolve("started");
            Path tools = counting(cluster.bin(), started);
            try (RunningAgent agent = new RunningAgent(
                    manager,
                    RunningAgent.config(cluster, List.of(tools.toString()), Duration.ofMinutes(1)),
                    directory,
                    CrashPoints.none())) {
                List<Long> backups = new ArrayList<>();
                List<Long> restores = new ArrayList<>();
                Map<String, Long> counts = Map.of();
                for (int i = 0; i < ROUNDS; i++) {
                    long begun = System.nanoTime();
                    String backup = manager.orderBackup();
                    assertThat(manager.report()).isInstanceOf(BackupResult.class);
                    backups.add((System.nanoTime() - begun) / 1_000_000);
                    Files.writeString(started, "");
                    begun = System.nanoTime();
                    manager.orderRestore(backup, 24);
                    assertThat(manager.report()).isInstanceOf(RestoreResult.class);
                    restores.add((System.nanoTime() - begun) / 1_000_000);
                    counts = counts(started);
                }
                System.out.println("backup " + middle(backups) + " ms, restore " + middle(restores)
                        + " ms, programs of a restore: " + counts);
                assertThat(counts.values().stream().mapToLong(Long::longValue).sum())
                        .as(counts.toString())
                        .isLessThanOrEqualTo(MOST_PROGRAMS);
                agent.assertNoThreadsLeft();
            }
        }
    }

    private static long middle(List<Long> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    private static Map<String, Long> counts(Path started) throws IOException {
        Map<String, Long> counts = new TreeMap<>();
        Files.readAllLines(started).forEach(name -> counts.merge(name, 1L, Long::sum));
        return counts;
    }

    /** The programs, each of which writes down that it was started. */
    private Path counting(Path bin, Path started) throws IOException {
        Path tools = Files.createDirectory(directory.resolve("tools"));
        for (String name : List.of("pg_dump", "pg_dumpall", "pg_restore", "psql")) {
            Path tool = Files.writeString(
                    tools.resolve(name),
                    "#!/bin/sh\n[ \"$1\" = --version ] || echo " + name + " >> " + started + "\nexec "
                            + bin.resolve(name) + " \"$@\"\n");
            Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        return tools;
    }
}
