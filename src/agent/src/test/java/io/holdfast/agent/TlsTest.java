package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.config.AdapterConfig;
import io.holdfast.agent.config.MariadbConfig;
import io.holdfast.agent.config.RedisConfig;
import io.holdfast.agent.process.Command;
import io.holdfast.agent.standin.StandInManager;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.RestoreResult;
import io.holdfast.testbed.Certificates;
import io.holdfast.testbed.MariadbServer;
import io.holdfast.testbed.RedisServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data services that speak TLS: a backup and a restore with the right authority, and nothing with another one. */
class TlsTest {
    private static final String PASSWORD = "a password";

    @TempDir
    Path directory = Path.of("");

    private StandInManager manager;
    private Certificates right;
    private Certificates other;

    @BeforeEach
    void start() throws Exception {
        manager = new StandInManager(directory);
        right = new Certificates(Files.createDirectory(directory.resolve("right")));
        other = new Certificates(Files.createDirectory(directory.resolve("other")));
    }

    @AfterEach
    void stop() {
        manager.close();
    }

    private String backUp(AdapterConfig config) throws Exception {
        try (RunningAgent _ = new RunningAgent(manager, config, directory, CrashPoints.none())) {
            String backup = manager.orderBackup();
            Object report = manager.report();
            assertThat(report).as(report.toString()).isInstanceOf(BackupResult.class);
            return backup;
        }
    }

    private void restore(AdapterConfig config, String backup) throws Exception {
        try (RunningAgent _ = new RunningAgent(manager, config, directory, CrashPoints.none())) {
            manager.orderRestore(backup, 0);
            Object report = manager.report();
            assertThat(report).as(report.toString()).isInstanceOf(RestoreResult.class);
        }
    }

    private void assertRefused(AdapterConfig config) throws Exception {
        try (RunningAgent _ = new RunningAgent(manager, config, directory, CrashPoints.none())) {
            manager.orderBackup();
            JobFailure failure = (JobFailure) manager.report();
            assertThat(failure.code()).as(failure.toString()).isEqualTo(FailureCode.SERVICE_UNREACHABLE);
        }
    }

    @Test
    void mariadb() throws Exception {
        try (MariadbServer server = MariadbServer.start(right.server("mariadb"))) {
            server.sql("CREATE USER holdfast@'127.0.0.1' IDENTIFIED BY '" + PASSWORD
                    + "'; GRANT ALL PRIVILEGES ON *.* TO holdfast@'127.0.0.1' WITH GRANT OPTION;"
                    + " CREATE DATABASE shop; CREATE TABLE shop.t AS SELECT 1 AS i");
            String backup = backUp(config(server, right));
            server.sql("DELETE FROM shop.t");

            restore(config(server, right), backup);

            assertThat(server.sql("SELECT i FROM shop.t")).isEqualTo("1");
            assertRefused(config(server, other));
        }
    }

    private static MariadbConfig config(MariadbServer server, Certificates certificates) {
        return new MariadbConfig(
                "mariadb",
                server.host(),
                server.port(),
                "holdfast",
                PASSWORD,
                certificates.caFile(),
                List.of(),
                MariadbConfig.DEFAULT_TOOL_DIRECTORIES,
                Duration.ofMinutes(1),
                Command.UNLIMITED);
    }

    @Test
    void redis() throws Exception {
        try (RedisServer server = RedisServer.start(right.server("redis"))) {
            server.call("SET", "key", "as it was");
            String backup = backUp(config(server, right));
            server.call("SET", "key", "changed");

            restore(config(server, right), backup);

            assertThat(server.call("GET", "key")).isEqualTo("as it was");
            assertRefused(config(server, other));
        }
    }

    private static RedisConfig config(RedisServer server, Certificates certificates) {
        return new RedisConfig(
                "redis",
                server.host(),
                server.tlsPort(),
                null,
                server.password(),
                certificates.caFile(),
                "127.0.0.1",
                RedisConfig.DEFAULT_TOOL_DIRECTORIES,
                Duration.ofMinutes(1),
                Command.UNLIMITED);
    }
}
