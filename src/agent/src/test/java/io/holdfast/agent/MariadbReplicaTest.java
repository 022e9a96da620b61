package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.config.AdapterConfig;
import io.holdfast.testbed.SqlServer;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Backups of a real replica, restored to its primary. */
class MariadbReplicaTest extends AdapterFixture {
    private static final String EVENTS =
            "SELECT EVENT_NAME, STATUS, DEFINER, CHARACTER_SET_CLIENT FROM information_schema.EVENTS ORDER BY EVENT_NAME";

    private HardMariadb primary;
    private HardMariadb replica;

    @BeforeAll
    void startServers() {
        primary = HardMariadb.start("--server-id=1", "--log-bin=binlog");
        replica = HardMariadb.start("--server-id=2", "--read-only");
        SqlServer first = primary.server();
        first.sql("CREATE USER follower@'127.0.0.1' IDENTIFIED BY 'f';"
                + " GRANT REPLICATION SLAVE ON *.* TO follower@'127.0.0.1'");
        replica.server()
                .sql("SET GLOBAL gtid_slave_pos = '" + first.sql("SELECT @@gtid_binlog_pos")
                        + "'; CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = " + first.port()
                        + ", MASTER_USER = 'follower', MASTER_PASSWORD = 'f', MASTER_USE_GTID = slave_pos,"
                        + " MASTER_CONNECT_RETRY = 1; START SLAVE");
    }

    @AfterAll
    void stopServers() {
        replica.close();
        primary.close();
    }

    @Override
    AdapterConfig config() {
        return primary.config();
    }

    @Override
    String page() {
        return "mariadb";
    }

    @Override
    Map<String, String> environmentByHand() {
        return primary.environmentByHand();
    }

    @Test
    void eventsRunOnThePrimaryAgainAndThoseThatWereOffStayOff() throws Exception {
        SqlServer server = primary.server();
        server.sql("""
                CREATE DATABASE work; USE work; CREATE TABLE t (n INT); INSERT INTO t VALUES (1);
                CREATE USER app@'%'; GRANT ALL ON work.* TO app@'%';
                CREATE DEFINER = app@'%' EVENT `it's ``on``` ON SCHEDULE EVERY 1 DAY DO DELETE FROM t;
                CREATE EVENT off ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM t;
                SET NAMES latin1 COLLATE latin1_german1_ci;
                CREATE EVENT older ON SCHEDULE EVERY 1 DAY DO DELETE FROM t;
                """);
        String before = server.dumpAll();
        String events = server.sql(EVENTS);
        assertThat(replica.server()
                        .sql("SELECT MASTER_GTID_WAIT('" + server.sql("SELECT @@gtid_binlog_pos") + "', 60)"))
                .isEqualTo("0");
        String backup;
        try (RunningAgent agent = new RunningAgent(manager, replica.config(), directory, CrashPoints.none())) {
            backup = backup();
            assertNothingLeft(agent);
        }
        server.sql("DROP EVENT work.older; DELETE FROM work.t");
        try (RunningAgent agent = agent()) {
            manager.orderRestore(backup, 24);
            assertThat(restored().notes()).anyMatch(note -> note.contains("replica") && note.contains("older"));
            assertThat(server.dumpAll()).isEqualTo(before);
            assertThat(server.sql(EVENTS)).isEqualTo(events);
            assertNothingLeft(agent);
        }
        server.sql("DROP DATABASE work; DROP USER app@'%'");
        byHand(backup, "## Recovery by hand");
        assertThat(server.sql(EVENTS))
                .as("nothing tells what was off")
                .isEqualTo(events.replace("DISABLED", "ENABLED"));
    }
}
