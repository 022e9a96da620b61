package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.CrashPoint;
import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.config.MariadbConfig;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** MySQL's accounts, roles and rights. */
@Tag("other-release")
class MysqlAccountsTest extends SqlAccounts {
    @Override
    HardSql start() {
        return HardMysql.start();
    }

    @Override
    void hiddenData() throws Exception {
        server.sql("REVOKE SELECT ON app.* FROM backup@'127.0.0.1'");
        manager.orderBackup();
        JobFailure failure = (JobFailure) manager.report();
        assertThat(failure.code()).isEqualTo(FailureCode.DUMP_FAILED);
        assertThat(failure.message()).contains("partial revokes");
        server.sql("GRANT SELECT ON app.* TO backup@'127.0.0.1'");
    }

    /** Every hash is kept: whoever could log in with a password still can, over TCP without a CA too. */
    @Test
    void passwordsHoldAfterwardsAndWhatIsExpiredIsSo() throws Exception {
        server.sql("""
                CREATE DATABASE work; CREATE USER app@'%' IDENTIFIED BY 'secret of the app';
                CREATE USER gone@'%' IDENTIFIED WITH sha256_password BY 'other'; CREATE USER locked@localhost IDENTIFIED BY 'x'
                PASSWORD EXPIRE;
                """);
        String before = hard.listing();
        try (RunningAgent agent = agent()) {
            String backup = backup();
            server.sql(
                    "ALTER USER app@'%' IDENTIFIED BY 'new'; DROP USER gone@'%'; ALTER USER locked@localhost IDENTIFIED BY 'y'");
            manager.orderRestore(backup, 0);
            restored();
            assertThat(hard.listing()).isEqualTo(before);
            assertThat(server.sql("app", "secret of the app", "SELECT 1")).isEqualTo("1");
            assertThat(server.sql("gone", "other", "SELECT 1")).isEqualTo("1");
            assertNothingLeft(agent);
        }
    }

    /** A role is an account that others have: changing it takes it from nobody, also not from accounts that stay as they are. */
    @Test
    void rolesThatAccountsHaveAreAsTheBackupHasThem() throws Exception {
        server.sql("""
                CREATE DATABASE app; CREATE TABLE app.t (n INT, m INT); CREATE PROCEDURE app.p() SELECT 1;
                CREATE ROLE readers, `Writers ``of`` x`; CREATE USER app@'%', locked@localhost;
                GRANT SELECT ON app.* TO readers; GRANT readers TO `Writers ``of`` x`; GRANT INSERT (n) ON app.t TO readers;
                GRANT `Writers ``of`` x` TO app@'%'; GRANT readers TO locked@localhost WITH ADMIN OPTION;
                SET DEFAULT ROLE readers TO locked@localhost; GRANT readers TO root@localhost;
                """);
        String before = hard.listing();
        String roots = server.sql("SHOW GRANTS");
        try (RunningAgent agent = agent()) {
            String backup = backup();
            server.sql("""
                    GRANT UPDATE, DELETE ON app.* TO `Writers ``of`` x` WITH GRANT OPTION; GRANT SELECT ON *.* TO readers;
                    GRANT EXECUTE ON PROCEDURE app.p TO `Writers ``of`` x`; GRANT SELECT (n, m) ON app.t TO readers;
                    REVOKE SELECT ON app.* FROM readers; GRANT readers TO `Writers ``of`` x` WITH ADMIN OPTION;
                    GRANT BINLOG_ADMIN ON *.* TO readers WITH GRANT OPTION; GRANT readers TO app@'%';
                    SET DEFAULT ROLE NONE TO locked@localhost;
                    """);
            assertThat(hard.listing()).isNotEqualTo(before);
            manager.orderRestore(backup, 0);
            restored();
            assertThat(hard.listing()).isEqualTo(before);
            assertThat(server.sql("SHOW GRANTS")).isEqualTo(roots);
            assertNothingLeft(agent);
        }
    }

    @Test
    void mandatoryRolesAreNobodysOwn() throws Exception {
        server.sql("CREATE DATABASE work; CREATE ROLE readers; CREATE USER app@'%'; GRANT SELECT ON work.* TO readers;"
                + " SET GLOBAL mandatory_roles = 'readers'");
        try (RunningAgent agent = agent()) {
            String backup = backup();
            String before = hard.listing();
            server.sql("GRANT INSERT ON work.* TO readers; GRANT SELECT ON *.* TO app@'%'");
            manager.orderRestore(backup, 0);
            restored();
            assertThat(hard.listing()).isEqualTo(before);
            server.sql("SET GLOBAL mandatory_roles = ''");
            assertThat(server.sql("SHOW GRANTS FOR app@'%'")).doesNotContain("readers");
            assertNothingLeft(agent);
        } finally {
            server.sql("SET GLOBAL mandatory_roles = ''");
        }
    }

    @Test
    void whatTheAgentsUserCannotGiveIsToldBeforeAnythingIsTouched() throws Exception {
        server.sql("CREATE DATABASE work; CREATE USER app@'%'; GRANT BACKUP_ADMIN ON *.* TO app@'%';"
                + " GRANT PROXY ON app@'%' TO app@'%'");
        String wanted = hard.listing();
        try (RunningAgent agent = agent()) {
            String backup = backup();
            server.sql("DROP USER app@'%'; REVOKE PROXY ON ''@'' FROM holdfast@'127.0.0.1'");
            String before = hard.listing();
            manager.orderRestore(backup, 24);
            JobFailure refused = failedRestore();
            assertThat(refused.code()).isEqualTo(FailureCode.SERVICE_DENIED);
            assertThat(refused.message()).contains("PROXY ON `app`@`%`");
            server.sql(Objects.requireNonNull(refused.hint())
                    .substring(refused.hint().indexOf("GRANT")));
            server.sql("REVOKE BACKUP_ADMIN ON *.* FROM holdfast@'127.0.0.1'");
            manager.orderRestore(backup, 24);
            refused = failedRestore();
            assertThat(refused.code()).isEqualTo(FailureCode.SERVICE_DENIED);
            assertThat(refused.message()).contains("BACKUP_ADMIN");
            server.sql(
                    "GRANT BACKUP_ADMIN ON *.* TO holdfast@'127.0.0.1' WITH GRANT OPTION; SET GLOBAL partial_revokes = OFF");
            assertThat(hard.listing()).isEqualTo(before);
            manager.orderRestore(backup, 24);
            restored();
            assertThat(hard.listing()).isEqualTo(wanted);
            assertNothingLeft(agent);
        } finally {
            server.sql("SET GLOBAL partial_revokes = ON");
        }
    }

    @Test
    void rightsThatAreTakenBackForASchemaComeBackOrTheServerIsLeftAsItIs() throws Exception {
        server.sql("CREATE DATABASE work; CREATE USER app@'%'; GRANT SELECT, INSERT ON *.* TO app@'%';"
                + " REVOKE INSERT ON mysql.* FROM app@'%'; REVOKE SELECT ON work.* FROM app@'%'");
        String wanted = hard.listing();
        try (RunningAgent agent = agent()) {
            String backup = backup();
            server.sql("DROP USER app@'%'; SET GLOBAL partial_revokes = OFF");
            manager.orderRestore(backup, 24);
            JobFailure refused = failedRestore();
            assertThat(refused.code()).isEqualTo(FailureCode.ENGINE_INCOMPATIBLE);
            assertThat(refused.hint()).contains("partial_revokes");
            server.sql("SET GLOBAL partial_revokes = ON");
            manager.orderRestore(backup, 24);
            restored();
            assertThat(hard.listing()).isEqualTo(wanted);
            assertNothingLeft(agent);
        } finally {
            server.sql("SET GLOBAL partial_revokes = ON");
        }
    }

    @Test
    void accountWhoseRightsTheAgentMayNotTouchLeavesNobodyLocked() throws Exception {
        server.sql("""
                CREATE DATABASE work; CREATE TABLE work.a (n INT);
                CREATE USER app@'%' IDENTIFIED BY 'secret of the app'; CREATE USER gone@'%' IDENTIFIED BY 'x';
                GRANT SELECT ON work.* TO app@'%';
                """);
        CrashPoints failing = point -> {
            if (point == CrashPoint.LIVE_DATA_CLOSED) {
                server.sql("REVOKE BACKUP_ADMIN ON *.* FROM holdfast@'127.0.0.1'");
                failImport();
            }
        };
        try (RunningAgent agent = agent(failing)) {
            String backup = backup();
            server.sql("GRANT BACKUP_ADMIN ON *.* TO app@'%'; INSERT INTO work.a VALUES (1)");
            manager.orderRestore(backup, 24);
            JobFailure failure = failedRestore();
            assertThat(failure.code()).isEqualTo(FailureCode.RESTORE_FAILED);
            assertThat(failure.message())
                    .contains("CREATE VIEW `app`.`garbled` (error 1")
                    .doesNotContain("secret");
            assertThat(server.sql("app", "secret of the app", "SELECT n FROM work.a"))
                    .isEqualTo("1");
            assertThat(server.sql("gone", "x", "SELECT 1")).isEqualTo("1");
            assertThat(server.sql("SHOW GRANTS FOR app@'%'")).contains("BACKUP_ADMIN", "GRANT SELECT ON `work`");
            assertNothingLeft(agent);
        } finally {
            server.sql("GRANT BACKUP_ADMIN ON *.* TO holdfast@'127.0.0.1' WITH GRANT OPTION");
        }
    }

    /** Over TLS the server has to be who the CA says, and its name the one that is asked. */
    @Test
    void withACaTheServersCertificateIsChecked() throws Exception {
        hard.fill();
        MariadbConfig plain = hard.config();
        MariadbConfig checked = new MariadbConfig(
                plain.kind(),
                plain.host(),
                plain.port(),
                plain.user(),
                plain.password(),
                Path.of(server.sql("SELECT @@datadir"), "ca.pem"),
                plain.schemas(),
                plain.toolDirectories(),
                plain.idleTimeout(),
                plain.toolTimeout());
        try (RunningAgent agent = new RunningAgent(manager, checked, directory, CrashPoints.none())) {
            manager.orderBackup();
            JobFailure failure = (JobFailure) manager.report();
            // The server's own certificate has no name.
            assertThat(failure.code()).as(failure.message()).isEqualTo(FailureCode.SERVICE_UNREACHABLE);
            assertNothingLeft(agent);
        }
    }

    @Test
    void socketWillDoAsAHost() throws Exception {
        hard.fill();
        server.sql(
                "CREATE USER holdfast@localhost IDENTIFIED BY 's'; GRANT ALL PRIVILEGES ON *.* TO holdfast@localhost");
        MariadbConfig plain = hard.config("holdfast", "s", List.of(), MariadbConfig.DEFAULT_TOOL_DIRECTORIES);
        MariadbConfig socket = new MariadbConfig(
                plain.kind(),
                server.socket(),
                plain.port(),
                plain.user(),
                plain.password(),
                null,
                plain.schemas(),
                plain.toolDirectories(),
                plain.idleTimeout(),
                plain.toolTimeout());
        try (RunningAgent agent = new RunningAgent(manager, socket, directory, CrashPoints.none())) {
            backup();
            assertNothingLeft(agent);
        } finally {
            server.sql("DROP USER holdfast@localhost");
        }
    }
}
