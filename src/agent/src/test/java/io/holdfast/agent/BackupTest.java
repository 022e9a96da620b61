package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.standin.StandInManager;
import io.holdfast.agent.standin.StandInStore;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.Phase;
import io.holdfast.testbed.PostgresCluster;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backups of a real PostgreSQL. */
class BackupTest {
    private static PostgresCluster cluster;

    @TempDir
    Path directory;

    private StandInManager manager;

    @BeforeAll
    static void startCluster() {
        cluster = PostgresCluster.start();
        cluster.psql("postgres", "CREATE DATABASE app");
        cluster.psql(
                "app",
                "CREATE TABLE numbers AS SELECT n, md5(n::text) || md5((n + 1)::text) AS text"
                        + " FROM generate_series(1, 300000) n");
    }

    @AfterAll
    static void stopCluster() {
        cluster.close();
    }

    @BeforeEach
    void startManager() throws Exception {
        manager = new StandInManager(directory);
    }

    @Test
    void backupHasGlobalsDatabasesAndFacts() throws Exception {
        try (RunningAgent agent = RunningAgent.of(manager, cluster, directory)) {
            String backup = manager.orderBackup();
            assertThat(manager.report()).isInstanceOf(BackupResult.class);
            BackupResult result = manager.result(backup);
            assertThat(result.artifacts())
                    .extracting(BackupResult.Artifact::name)
                    .containsExactly("databases", "globals", "app", "postgres", "template1");
            assertThat(result.facts()).containsEntry("database.app.tables", 1L).containsEntry("databases", 3L);
            assertThat(new String(manager.plaintext(backup, "globals"), StandardCharsets.UTF_8))
                    .contains("CREATE ROLE postgres")
                    .contains("database cluster dump complete");
            assertThat(new String(manager.plaintext(backup, "app"), 0, 5, StandardCharsets.US_ASCII))
                    .isEqualTo("PGDMP");
            agent.assertNoThreadsLeft();
        }
    }

    @Test
    void uploadsAreRepeatedWithFreshAddresses() throws Exception {
        try (RunningAgent agent = RunningAgent.of(manager, cluster, directory)) {
            manager.store().failPuts(StandInStore.PutFault.EXPIRED, 2);
            manager.orderBackup();
            assertThat(manager.report()).isInstanceOf(BackupResult.class);
            manager.store().failPuts(StandInStore.PutFault.ERROR_INSIDE_200, 2);
            manager.orderBackup();
            assertThat(manager.report()).isInstanceOf(BackupResult.class);
            manager.store().failPuts(StandInStore.PutFault.WRONG_ETAG, 2);
            manager.orderBackup();
            assertThat(manager.report()).isInstanceOf(BackupResult.class);
            agent.assertNoThreadsLeft();
        }
    }

    @Test
    void cancelDuringAHangingUploadGivesUpAtOnce() throws Exception {
        try (RunningAgent agent = RunningAgent.of(manager, cluster, directory)) {
            manager.store().failPuts(StandInStore.PutFault.HANGS, 1000);
            manager.orderBackup();
            manager.heartbeatIn(Phase.DUMPING);
            long start = System.nanoTime();
            manager.cancel(true);
            JobFailure failure = (JobFailure) manager.report();
            assertThat(failure.code()).isEqualTo(FailureCode.CANCELLED);
            assertThat(System.nanoTime() - start).isLessThan(5_000_000_000L);
            agent.assertNoThreadsLeft();
        }
    }
}
