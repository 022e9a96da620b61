package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.adapter.Adapter;
import io.holdfast.agent.adapter.Replicated;
import io.holdfast.agent.adapter.Replication;
import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.config.AdapterConfig;
import io.holdfast.agent.config.MariadbConfig;
import io.holdfast.agent.config.RedisConfig;
import io.holdfast.agent.process.Command;
import io.holdfast.agent.process.ProcessRunner;
import io.holdfast.agent.standin.StandInManager;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import io.holdfast.testbed.MariadbServer;
import io.holdfast.testbed.PostgresCluster;
import io.holdfast.testbed.RedisServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What adapters say of a real primary and a real replica, and what agents make of it. What the manager makes of it is in the
 * acceptance tests.
 */
class ReplicationTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final String PASSWORD = "a password";

    @TempDir
    Path directory = Path.of("");

    private Adapter adapter(AdapterConfig config) throws Exception {
        Path work = Files.createTempDirectory(directory, "work");
        return Main.adapter(config, work, new ProcessRunner());
    }

    private static Replication now(Adapter adapter) throws Exception {
        return ((Replicated) adapter).replication(new StopSignal());
    }

    private static void await(Adapter adapter, Predicate<Replication> wanted) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        Replication last = now(adapter);
        while (!wanted.test(last)) {
            assertThat(System.nanoTime()).as(last.toString()).isLessThan(end);
            Thread.sleep(50);
            last = now(adapter);
        }
    }

    private static boolean isClose(Replication replication) {
        return replication.replica()
                && replication.behind() != null
                && replication.behind().compareTo(Duration.ofSeconds(30)) < 0;
    }

    private static boolean isCutOff(Replication replication) {
        return replication.replica() && replication.behind() == null;
    }

    @Test
    void redisTellsWhetherItFollows() throws Exception {
        try (RedisServer primary = RedisServer.start();
                RedisServer replica = RedisServer.start();
                Adapter ofPrimary = adapter(config(primary));
                Adapter ofReplica = adapter(config(replica))) {
            assertThat(now(ofReplica)).isEqualTo(Replication.PRIMARY);
            replica.call("CONFIG", "SET", "masterauth", primary.password());
            replica.call("REPLICAOF", primary.host(), Integer.toString(primary.port()));
            await(ofReplica, ReplicationTest::isClose);
            assertThat(now(ofPrimary)).isEqualTo(Replication.PRIMARY);
            primary.kill();
            await(ofReplica, ReplicationTest::isCutOff);
            replica.call("REPLICAOF", "NO", "ONE");
            assertThat(now(ofReplica)).isEqualTo(Replication.PRIMARY);
        }
    }

    @Test
    void backupIsMadeOnTheReplicaUnlessThePrimaryIsToMakeIt() throws Exception {
        try (StandInManager manager = new StandInManager(directory);
                RedisServer primary = RedisServer.start();
                RedisServer replica = RedisServer.start();
                Adapter ofReplica = adapter(config(replica))) {
            replica.call("CONFIG", "SET", "masterauth", primary.password());
            replica.call("REPLICAOF", primary.host(), Integer.toString(primary.port()));
            await(ofReplica, ReplicationTest::isClose);
            primary.calls("CONFIG RESETSTAT\n");

            try (RunningAgent _ = new RunningAgent(manager, config(replica), directory, CrashPoints.none())) {
                manager.orderBackup();
                assertThat(manager.report()).isInstanceOf(BackupResult.class);
                assertThat(syncs(replica)).isTrue();
                assertThat(syncs(primary)).isFalse();
            }

            Map<String, Object> config = AgentProcess.config(
                    manager,
                    directory,
                    Map.of(
                            "kind", "redis",
                            "host", replica.host(),
                            "port", replica.port(),
                            "password", replica.password()));
            config.put("backup_from", "primary");
            Process agent = AgentProcess.start(config, directory, AgentProcess.SHORT_LIVED);
            try {
                manager.orderBackup();
                JobFailure failure = (JobFailure) manager.report();
                assertThat(failure.code()).isEqualTo(FailureCode.WRONG_NODE);
                assertThat(failure.message()).contains("a replica, and backups are made on the primary");
            } finally {
                agent.destroyForcibly().onExit().join();
                manager.answerClaim(); // the killed one may have been waiting for a job
            }

            try (RunningAgent _ = new RunningAgent(manager, config(primary), directory, CrashPoints.none())) {
                manager.orderBackup();
                assertThat(manager.report()).isInstanceOf(BackupResult.class);
                assertThat(syncs(primary)).isTrue();
            }
        }
    }

    /** Whether somebody has asked for a snapshot as a backup does; a replica asks in another way. */
    private static boolean syncs(RedisServer server) {
        return server.call("INFO", "commandstats").contains("cmdstat_sync:");
    }

    private static RedisConfig config(RedisServer server) {
        return new RedisConfig(
                "redis",
                server.host(),
                server.port(),
                null,
                server.password(),
                null,
                "127.0.0.1",
                RedisConfig.DEFAULT_TOOL_DIRECTORIES,
                Duration.ofMinutes(1),
                Duration.ofMinutes(1));
    }

    @Test
    void postgresqlTellsWhetherItFollows() throws Exception {
        try (PostgresCluster primary = PostgresCluster.start();
                PostgresCluster replica = PostgresCluster.replicaOf(primary);
                Adapter ofPrimary = adapter(RunningAgent.config(primary));
                Adapter ofReplica = adapter(RunningAgent.config(replica))) {
            await(ofReplica, ReplicationTest::isClose);
            assertThat(now(ofPrimary)).isEqualTo(Replication.PRIMARY);
            replica.promote();
            await(ofReplica, Replication.PRIMARY::equals);
        }
    }

    @Test
    void serversThatWereStartedAgainAreAskedByNewPrograms() throws Exception {
        try (PostgresCluster postgresql = PostgresCluster.start();
                MariadbServer mariadb = MariadbServer.start();
                Adapter ofPostgresql = adapter(RunningAgent.config(postgresql))) {
            mariadb.sql("CREATE USER may@'127.0.0.1' IDENTIFIED BY '" + PASSWORD
                    + "'; GRANT SLAVE MONITOR ON *.* TO may@'127.0.0.1'");
            try (Adapter ofMariadb = adapter(config(mariadb, "may"))) {
                assertThat(now(ofPostgresql)).isEqualTo(Replication.PRIMARY);
                assertThat(now(ofMariadb)).isEqualTo(Replication.PRIMARY);
                postgresql.crashAndRestart();
                mariadb.kill();
                mariadb.restart();
                assertThat(now(ofPostgresql)).isEqualTo(Replication.PRIMARY);
                assertThat(now(ofMariadb)).isEqualTo(Replication.PRIMARY);
            }
        }
    }

    @Test
    void mariadbTellsWhetherItFollows() throws Exception {
        try (MariadbServer primary = MariadbServer.start("--server-id=1", "--log-bin=binlog");
                MariadbServer replica = MariadbServer.start("--server-id=2", "--read-only")) {
            for (MariadbServer each : List.of(primary, replica)) {
                each.sql("SET sql_log_bin = 0; CREATE USER asks@'127.0.0.1' IDENTIFIED BY '" + PASSWORD
                        + "'; CREATE USER may@'127.0.0.1' IDENTIFIED BY '" + PASSWORD
                        + "'; GRANT SLAVE MONITOR, REPLICATION SLAVE ON *.* TO may@'127.0.0.1'");
            }
            replica.sql("SET GLOBAL gtid_slave_pos = '" + primary.sql("SELECT @@gtid_binlog_pos")
                    + "'; CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = " + primary.port()
                    + ", MASTER_USER = 'may', MASTER_PASSWORD = '" + PASSWORD
                    + "', MASTER_USE_GTID = slave_pos, MASTER_CONNECT_RETRY = 1; START SLAVE");
            try (Adapter ofPrimary = adapter(config(primary, "may"));
                    Adapter ofReplica = adapter(config(replica, "may"));
                    Adapter withoutRights = adapter(config(replica, "asks"))) {
                await(ofReplica, ReplicationTest::isClose);
                assertThat(now(ofPrimary)).isEqualTo(Replication.PRIMARY);
                assertThat(now(withoutRights)).as("who may not ask is careful").isEqualTo(Replication.replica(null));
                primary.kill();
                await(ofReplica, ReplicationTest::isCutOff);
                replica.sql("STOP SLAVE; SET GLOBAL read_only = 0");
                assertThat(now(ofReplica)).as("one that was made a primary").isEqualTo(Replication.PRIMARY);
            }
        }
    }

    private static MariadbConfig config(MariadbServer server, String user) {
        return new MariadbConfig(
                "mariadb",
                server.host(),
                server.port(),
                user,
                PASSWORD,
                null,
                List.of(),
                MariadbConfig.DEFAULT_TOOL_DIRECTORIES,
                Duration.ofMinutes(1),
                Command.UNLIMITED);
    }
}
