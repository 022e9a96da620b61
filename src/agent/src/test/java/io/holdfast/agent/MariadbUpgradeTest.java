package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.config.AdapterConfig;
import io.holdfast.protocol.RestoreResult;
import io.holdfast.testbed.MariadbServer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A backup of one server restored in another, which may be of a newer series ({@code scripts/versions}). */
class MariadbUpgradeTest extends AdapterFixture {
    private static final String OWN = "'information_schema', 'performance_schema', 'mysql', 'sys'";

    /** What has to be the same in both, whatever their dumps look like. */
    private static final List<String> QUESTIONS = List.of(
            "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, ENGINE, TABLE_COMMENT FROM information_schema.TABLES"
                    + " WHERE TABLE_SCHEMA NOT IN (" + OWN + ") ORDER BY 1, 2",
            "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, CHARACTER_SET_NAME, IS_NULLABLE, EXTRA"
                    + " FROM information_schema.COLUMNS WHERE TABLE_SCHEMA NOT IN (" + OWN
                    + ") ORDER BY 1, 2, ORDINAL_POSITION",
            "SELECT CONSTRAINT_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, CONSTRAINT_TYPE"
                    + " FROM information_schema.TABLE_CONSTRAINTS WHERE CONSTRAINT_SCHEMA NOT IN (" + OWN
                    + ") ORDER BY 1, 2, 3",
            "SELECT ROUTINE_SCHEMA, ROUTINE_NAME, ROUTINE_TYPE, ROUTINE_DEFINITION, DEFINER, ROUTINE_COMMENT"
                    + " FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA NOT IN (" + OWN + ") ORDER BY 1, 2",
            "SELECT TRIGGER_SCHEMA, TRIGGER_NAME, ACTION_STATEMENT, EVENT_OBJECT_TABLE FROM information_schema.TRIGGERS"
                    + " WHERE TRIGGER_SCHEMA NOT IN (" + OWN + ") ORDER BY 1, 2",
            "SELECT EVENT_SCHEMA, EVENT_NAME, EVENT_DEFINITION, STATUS, STARTS FROM information_schema.EVENTS ORDER BY 1, 2",
            "SELECT User, Host, JSON_VALUE(Priv, '$.authentication_string'), COALESCE(JSON_VALUE(Priv, '$.account_locked'), 0)"
                    + " FROM mysql.global_priv WHERE User NOT IN ('root', 'mariadb.sys', 'PUBLIC') ORDER BY 1, 2",
            "SELECT User, Host, Role, Admin_option FROM mysql.roles_mapping WHERE User NOT IN ('root', 'holdfast') ORDER BY 1, 2, 3",
            "SELECT Db, User, Host, Select_priv, Insert_priv, Create_priv, Grant_priv FROM mysql.db"
                    + " WHERE User NOT IN ('mariadb.sys', 'PUBLIC') ORDER BY 1, 2, 3");

    private HardMariadb older;
    private HardMariadb newer;
    private HardMariadb current;

    @BeforeEach
    void startServers() {
        String port = System.getProperty("older.port");
        older = port == null
                ? HardMariadb.start()
                : HardMariadb.on(MariadbServer.running(
                        Integer.parseInt(port),
                        System.getProperty("older.password", ""),
                        Path.of(System.getProperty("older.socket", ""))));
        newer = HardMariadb.start();
        current = older;
    }

    @AfterEach
    void stopServers() {
        newer.close();
        older.close();
    }

    @Override
    AdapterConfig config() {
        return current.config();
    }

    @Override
    String page() {
        return "mariadb";
    }

    @Override
    Map<String, String> environmentByHand() {
        return current.environmentByHand();
    }

    @Test
    void hardDataOfAnOlderServerComesBackInAnotherOne() throws Exception {
        older.fill();
        String backup;
        try (RunningAgent agent = agent()) {
            backup = backup();
            agent.assertNoThreadsLeft();
        }
        current = newer;
        try (RunningAgent agent = agent()) {
            manager.orderRestore(backup, 0);
            RestoreResult result = restored();
            assertThat(result.restored()).contains("app", "-dash", "empty");
            agent.assertNoThreadsLeft();
        }
        for (String question : QUESTIONS) {
            assertThat(newer.server().sql(question))
                    .as(question)
                    .isEqualTo(older.server().sql(question));
        }
        for (String table : older.server()
                .sql("SELECT CONCAT('`', REPLACE(TABLE_SCHEMA, '`', '``'), '`.`', REPLACE(TABLE_NAME, '`', '``'), '`')"
                        + " FROM information_schema.TABLES WHERE TABLE_TYPE <> 'SYSTEM VIEW' AND TABLE_SCHEMA NOT IN ("
                        + OWN + ")")
                .lines()
                .toList()) {
            String rows = "SELECT * FROM " + table + " ORDER BY 1";
            assertThat(newer.server().sql(rows))
                    .as(table)
                    .isEqualTo(older.server().sql(rows));
        }
    }
}
