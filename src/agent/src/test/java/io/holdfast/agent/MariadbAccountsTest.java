package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.CrashPoint;
import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.config.AdapterConfig;
import io.holdfast.agent.config.MariadbConfig;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import io.holdfast.testbed.MariadbServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** MariaDB's accounts and their rights. */
class MariadbAccountsTest extends AdapterFixture {
    private HardMariadb hard;
    private MariadbServer server;

    @BeforeAll
    void startServer() {
        hard = HardMariadb.start();
        server = hard.server();
    }

    @AfterAll
    void stopServer() {
        hard.close();
    }

    @Override
    AdapterConfig config() {
        return hard.config();
    }

    @Override
    String page() {
        return "mariadb";
    }

    @Override
    Map<String, String> environmentByHand() {
        return hard.environmentByHand();
    }

    /** The client's output has it as it is. */
    @Test
    void accountWithACarriageReturnInItsNameComesBack() throws Exception {
        hard.fill();
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
                CREATE OR REPLACE USER backup@'127.0.0.1' IDENTIFIED BY 'b';
                GRANT SELECT, SHOW VIEW, EVENT ON *.* TO backup@'127.0.0.1';
                """);
        MariadbConfig config = hard.config("backup", "b", List.of(), MariadbConfig.DEFAULT_TOOL_DIRECTORIES);
        try (RunningAgent agent = new RunningAgent(manager, config, directory, CrashPoints.none())) {
            manager.orderBackup();
            JobFailure failure = (JobFailure) manager.report();
            assertThat(failure.code()).isEqualTo(FailureCode.SERVICE_DENIED);
            assertThat(failure.message()).contains("lacks TRIGGER");
            server.sql("GRANT TRIGGER ON *.* TO backup@'127.0.0.1'");
            String backup = backup();
            manager.orderRestore(backup, 24);
            assertThat(failedRestore().code()).isEqualTo(FailureCode.SERVICE_DENIED);
            assertNothingLeft(agent);
        } finally {
            server.sql("DROP USER backup@'127.0.0.1'");
        }
    }

    @Test
    void rolesAndProxiesOfAnAdministratorComeBackOnceTheAgentMayGiveThem() throws Exception {
        hard.lose();
        server.sql("""
                CREATE DATABASE work; CREATE ROLE ofroot; CREATE ROLE `other ``role``';`;
                GRANT SELECT ON work.* TO ofroot; GRANT ofroot TO `other ``role``';`;
                CREATE USER app@'%' IDENTIFIED BY 'secret of the app'; GRANT ofroot TO app@'%' WITH ADMIN OPTION;
                CREATE USER through@'%'; GRANT PROXY ON app@'%' TO through@'%';
                """);
        String wanted = hard.listing();
        try (RunningAgent agent = agent()) {
            String backup = backup();
            server.sql("REVOKE ofroot FROM app@'%'; REVOKE ofroot FROM `other ``role``';`; DROP USER through@'%'");
            String before = hard.listing();
            manager.orderRestore(backup, 24);
            JobFailure refused = failedRestore();
            assertThat(refused.code()).isEqualTo(FailureCode.SERVICE_DENIED);
            assertThat(refused.message()).contains("`ofroot`", "PROXY ON `app`@`%`");
            assertThat(hard.listing()).isEqualTo(before);
            assertNothingLeft(agent);

            String hint = Objects.requireNonNull(refused.hint());
            server.sql(hint.substring(hint.indexOf("GRANT")));
            manager.orderRestore(backup, 24);
            restored();
            assertThat(hard.listing()).isEqualTo(wanted);
            assertNothingLeft(agent);
        } finally {
            server.sql("DROP ROLE ofroot, `other ``role``';`; DROP USER app@'%', through@'%'; DROP DATABASE work;"
                    + " REVOKE PROXY ON ''@'%' FROM holdfast@'127.0.0.1'");
        }
    }

    @Test
    void serverThatTakesNoHashesOfPasswordsIsLeftAsItIsUntilItDoes() throws Exception {
        hard.fill();
        server.sql("CREATE USER simple@'%' IDENTIFIED BY 'x'");
        String wanted = hard.listing();
        try (RunningAgent agent = agent()) {
            String backup = backup();
            server.sql("DROP USER simple@'%'");
            String before = hard.listing();
            server.sql("INSTALL SONAME 'simple_password_check'");
            manager.orderRestore(backup, 24);
            JobFailure refused = failedRestore();
            assertThat(refused.code()).isEqualTo(FailureCode.SERVICE_DENIED);
            assertThat(refused.message()).contains("strict_password_validation");
            assertThat(hard.listing()).isEqualTo(before);
            assertNothingLeft(agent);

            server.sql("SET GLOBAL strict_password_validation = OFF");
            manager.orderRestore(backup, 24);
            restored();
            assertThat(hard.listing()).isEqualTo(wanted);
            assertNothingLeft(agent);
        } finally {
            server.sql("SET GLOBAL strict_password_validation = ON; UNINSTALL SONAME 'simple_password_check';"
                    + " DROP USER IF EXISTS simple@'%'");
        }
    }

    @Test
    void accountThatCannotBeAsItWasLeavesNobodyLocked() throws Exception {
        hard.lose();
        server.sql("""
                CREATE DATABASE work; CREATE TABLE work.a (n INT); CREATE ROLE ofroot;
                CREATE USER app@'%' IDENTIFIED BY 'secret of the app'; CREATE USER gone@'%' IDENTIFIED BY 'x';
                GRANT SELECT ON work.* TO app@'%'; GRANT ofroot TO holdfast@'127.0.0.1' WITH ADMIN OPTION;
                """);
        CrashPoints failing = point -> {
            if (point == CrashPoint.LIVE_DATA_CLOSED) {
                server.sql("REVOKE ofroot FROM holdfast@'127.0.0.1'");
                failImport();
            }
        };
        try (RunningAgent agent = agent(failing)) {
            String backup = backup();
            server.sql("GRANT ofroot TO app@'%'; INSERT INTO work.a VALUES (1)");
            manager.orderRestore(backup, 24);
            JobFailure failure = failedRestore();
            assertThat(failure.code()).isEqualTo(FailureCode.RESTORE_FAILED);
            assertThat(failure.message())
                    .contains("CREATE VIEW `app`.`garbled` (error 1")
                    .doesNotContain("secret");
            assertThat(server.sql("app", "secret of the app", "SELECT n FROM work.a"))
                    .isEqualTo("1");
            assertThat(server.sql("gone", "x", "SELECT 1")).isEqualTo("1");
            assertThat(server.sql("SHOW GRANTS FOR app@'%'")).doesNotContain("ofroot");
            assertNothingLeft(agent);
        } finally {
            server.sql("DROP ROLE ofroot; DROP USER app@'%', gone@'%'; DROP DATABASE work");
        }
    }

    private void failImport() {
        try {
            MariadbTest.define(
                    children("staged").getFirst().resolve("backup"),
                    "CREATE VIEW garbled AS SELECT 'a secret of the app' FROM nowhere.t");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void rightsToWhatIsGoneStopNeitherARestoreNorARecoveryByHand() throws Exception {
        hard.lose();
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
            assertThat(notes).noneMatch(note -> note.contains("PASSWORD"));
            String rights = hard.listing();
            assertThat(rights).contains("GRANT SELECT (`n`), INSERT ON `work`.`a`");
            assertThat(rights).contains("GRANT EXECUTE ON PROCEDURE `work`.`p`", "GRANT INSERT ON `work`.*");
            assertNothingLeft(agent);

            server.sql("DROP DATABASE work; DROP USER app@'%'");
            byHand(backup, "## Recovery by hand");
            assertThat(hard.listing()).isEqualTo(rights);
        } finally {
            server.sql("DROP DATABASE IF EXISTS work; DROP USER IF EXISTS app@'%'");
        }
    }

    @Test
    void somebodyWhoNeverLogsInDoesNotHoldUpARestore() throws Exception {
        hard.lose();
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

    @Test
    void accountsThatNoRestoreWouldTakeFailTheBackup() throws Exception {
        hard.lose();
        server.sql("EXECUTE IMMEDIATE CONCAT('CREATE USER large@localhost, large@remote REQUIRE SUBJECT ''',"
                + " REPEAT('x', 9000000), '''')");
        try (RunningAgent agent = agent()) {
            manager.orderBackup();
            JobFailure failure = (JobFailure) manager.report();
            assertThat(failure.code()).isEqualTo(FailureCode.DUMP_FAILED);
            assertThat(failure.message()).contains("the server's accounts are").doesNotContain("xx");
            assertNothingLeft(agent);
        } finally {
            server.sql("DROP USER large@localhost, large@remote");
        }
    }
}
