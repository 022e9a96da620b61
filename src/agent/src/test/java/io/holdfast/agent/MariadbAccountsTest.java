package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.CrashPoint;
import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** MariaDB's accounts and their rights. */
class MariadbAccountsTest extends SqlAccounts {
    @Override
    HardSql start() {
        return HardMariadb.start();
    }

    @Test
    void rolesAndProxiesOfAnAdministratorComeBackOnceTheAgentMayGiveThem() throws Exception {
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

    @Test
    void accountsThatNoRestoreWouldTakeFailTheBackup() throws Exception {
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
