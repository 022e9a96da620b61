package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.config.MariadbConfig;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Accounts and rights that both products have. */
abstract class SqlAccounts extends SqlFixture {
    /** What only one product can take from a user, {@code backup}, and how that is told; given back at the end. */
    void hiddenData() throws Exception {}

    /** The client's output has it as it is. */
    @Test
    void accountWithACarriageReturnInItsNameComesBack() throws Exception {
        try (RunningAgent _ = agent()) {
            server.sql("CREATE USER 'carriage\rreturn'@localhost");
            String before = hard.listing();
            String backup = backup();
            server.sql("DROP USER 'carriage\rreturn'@localhost");
            assertThat(hard.listing()).isNotEqualTo(before);
            manager.orderRestore(backup, 0);
            restored();
            assertThat(hard.listing()).isEqualTo(before);
        } finally {
            server.sql("DROP USER IF EXISTS 'carriage\rreturn'@localhost");
        }
    }

    @Test
    void userWithoutRightsIsRefusedRatherThanServedAHalfDump() throws Exception {
        hard.fill();
        server.sql("""
                CREATE USER backup@'127.0.0.1' IDENTIFIED BY 'b';
                GRANT SELECT, SHOW VIEW, EVENT ON *.* TO backup@'127.0.0.1';
                """);
        MariadbConfig config = hard.config("backup", "b", List.of(), MariadbConfig.DEFAULT_TOOL_DIRECTORIES);
        try (RunningAgent agent = new RunningAgent(manager, config, directory, CrashPoints.none())) {
            manager.orderBackup();
            JobFailure failure = (JobFailure) manager.report();
            assertThat(failure.code()).isEqualTo(FailureCode.SERVICE_DENIED);
            assertThat(failure.message()).contains("lacks TRIGGER");
            server.sql("GRANT TRIGGER ON *.* TO backup@'127.0.0.1'");
            hiddenData();
            String backup = backup();
            manager.orderRestore(backup, 24);
            assertThat(failedRestore().code()).isEqualTo(FailureCode.SERVICE_DENIED);
            assertNothingLeft(agent);
        } finally {
            server.sql("DROP USER backup@'127.0.0.1'");
        }
    }

    @Test
    void rightsToWhatIsGoneStopNeitherARestoreNorARecoveryByHand() throws Exception {
        server.sql("""
                CREATE DATABASE work; USE work;
                CREATE TABLE a (n INT, m INT); CREATE TABLE b (n INT); CREATE VIEW v AS SELECT * FROM b;
                CREATE PROCEDURE p() SELECT 1; CREATE USER app@'%' IDENTIFIED BY 'secret of the app';
                GRANT SELECT (n, m), INSERT ON a TO app@'%'; GRANT SELECT ON b TO app@'%';
                GRANT EXECUTE ON PROCEDURE p TO app@'%'; GRANT INSERT ON work.* TO app@'%';
                DROP VIEW v; DROP TABLE b; ALTER TABLE a DROP COLUMN m;
                """);
        try (RunningAgent agent = agent()) {
            String backup = backup();
            server.sql("DROP DATABASE work; DROP USER app@'%'");
            manager.orderRestore(backup, 24);
            List<String> notes = restored().notes();
            assertThat(notes).filteredOn(note -> note.contains("is gone")).hasSize(2);
            assertThat(notes).anyMatch(note -> note.contains("GRANT SELECT (`m`) ON `work`.`a` TO `app`@`%`"));
            assertThat(notes).anyMatch(note -> note.contains("`work`.`b` TO `app`@`%`"));
            assertThat(notes).noneMatch(note -> note.contains("PASSWORD") || note.contains("IDENTIFIED"));
            String rights = hard.listing();
            assertThat(rights).contains("GRANT SELECT (`n`), INSERT ON `work`.`a`");
            assertThat(rights).contains("GRANT EXECUTE ON PROCEDURE `work`.`p`", "GRANT INSERT ON `work`.*");
            assertNothingLeft(agent);

            server.sql("DROP DATABASE work; DROP USER app@'%'");
            byHand(backup, "## Recovery by hand");
            assertThat(hard.listing()).isEqualTo(rights);
        }
    }

    @Test
    void somebodyWhoNeverLogsInDoesNotHoldUpARestore() throws Exception {
        server.sql("CREATE DATABASE work; SET GLOBAL connect_timeout = 600");
        try (Socket somebody = new Socket(server.host(), server.port());
                RunningAgent agent = agent()) {
            assertThat(somebody.getInputStream().read())
                    .as("the server's greeting")
                    .isPositive();
            String backup = backup();
            manager.orderRestore(backup, 24);
            restored();
            assertNothingLeft(agent);
        } finally {
            server.sql("DROP DATABASE work; SET GLOBAL connect_timeout = DEFAULT");
        }
    }

    final void failImport() {
        try {
            HardSql.define(
                    children("staged").getFirst().resolve("backup"),
                    "CREATE VIEW garbled AS SELECT 'a secret of the app' FROM nowhere.t");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
