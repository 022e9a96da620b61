package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.adapter.Adapter;
import io.holdfast.agent.adapter.Replicated;
import io.holdfast.agent.adapter.Replication;
import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.config.AdapterConfig;
import io.holdfast.agent.config.MariadbConfig;
import io.holdfast.agent.process.ProcessRunner;
import io.holdfast.testbed.SqlServer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A real replica of MySQL: what it tells of itself, and its backups, restored to its primary. */
@Tag("other-release")
class MysqlReplicaTest extends AdapterFixture {
    private static final String EVENTS =
            "SELECT EVENT_NAME, STATUS, DEFINER, CHARACTER_SET_CLIENT FROM information_schema.EVENTS ORDER BY EVENT_NAME";

    private HardMysql primary;
    private HardMysql replica;

    @BeforeAll
    void startServers() {
        primary = HardMysql.start("--server-id=1");
        replica = HardMysql.start("--server-id=2", "--read-only");
        SqlServer first = primary.server();
        first.sql("CREATE USER follower@'127.0.0.1' IDENTIFIED BY 'f';"
                + " GRANT REPLICATION SLAVE ON *.* TO follower@'127.0.0.1'");
        replica.server()
                .sql("RESET BINARY LOGS AND GTIDS; SET GLOBAL gtid_purged = '"
                        + first.sql("SELECT @@GLOBAL.gtid_executed")
                        + "'; CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = " + first.port()
                        + ", SOURCE_USER = 'follower', SOURCE_PASSWORD = 'f', SOURCE_AUTO_POSITION = 1,"
                        + " GET_SOURCE_PUBLIC_KEY = 1, SOURCE_CONNECT_RETRY = 1; START REPLICA");
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
        return "mysql";
    }

    @Override
    Map<String, String> environmentByHand() {
        return primary.environmentByHand();
    }

    private void awaitReplica() {
        assertThat(replica.server()
                        .sql("SELECT WAIT_FOR_EXECUTED_GTID_SET('"
                                + primary.server().sql("SELECT @@GLOBAL.gtid_executed") + "', 60)"))
                .isEqualTo("0");
    }

    @Test
    void replicaTellsThatItFollowsAndHowFarItIsBehind() throws Exception {
        primary.server()
                .sql("CREATE USER asks@'127.0.0.1' IDENTIFIED BY 'a'; CREATE USER may@'127.0.0.1' IDENTIFIED BY 'm';"
                        + " GRANT REPLICATION CLIENT ON *.* TO may@'127.0.0.1'");
        awaitReplica();
        MariadbConfig may = replica.config("may", "m", List.of(), MariadbConfig.DEFAULT_TOOL_DIRECTORIES);
        MariadbConfig asks = replica.config("asks", "a", List.of(), MariadbConfig.DEFAULT_TOOL_DIRECTORIES);
        try (Adapter ofPrimary = Main.adapter(primary.config(), directory, new ProcessRunner());
                Adapter ofReplica = Main.adapter(may, directory, new ProcessRunner());
                Adapter withoutRights = Main.adapter(asks, directory, new ProcessRunner())) {
            Await.until(() -> now(ofReplica).replica() && now(ofReplica).behind() != null);
            assertThat(now(ofPrimary)).isEqualTo(Replication.PRIMARY);
            assertThat(now(withoutRights)).as("who may not ask is careful").isEqualTo(Replication.replica(null));
            replica.server().sql("STOP REPLICA IO_THREAD");
            assertThat(now(ofReplica)).isEqualTo(Replication.replica(null));
            replica.server().sql("STOP REPLICA; SET GLOBAL read_only = 0");
            assertThat(now(ofReplica)).as("one that was made a primary").isEqualTo(Replication.PRIMARY);
        } finally {
            replica.server().sql("SET GLOBAL read_only = 1; START REPLICA");
            primary.server().sql("DROP USER asks@'127.0.0.1', may@'127.0.0.1'");
        }
    }

    private static Replication now(Adapter adapter) throws Exception {
        return ((Replicated) adapter).replication(new StopSignal());
    }

    @Test
    void eventsRunOnThePrimaryAgainAndThoseThatWereOffStayOff() throws Exception {
        SqlServer server = primary.server();
        server.sql("""
                CREATE DATABASE work; USE work; CREATE TABLE t (n INT); CREATE TABLE kept (n INT); INSERT INTO kept VALUES (1);
                CREATE USER app@'%'; GRANT ALL ON work.* TO app@'%';
                CREATE DEFINER = app@'%' EVENT `it's ``on``` ON SCHEDULE EVERY 1 DAY DO DELETE FROM t;
                CREATE EVENT off ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM t;
                SET NAMES latin1 COLLATE latin1_german1_ci;
                CREATE EVENT older ON SCHEDULE EVERY 1 DAY DO DELETE FROM t;
                """);
        String before = server.dumpAll();
        String events = server.sql(EVENTS);
        awaitReplica();
        String backup;
        try (RunningAgent agent = new RunningAgent(manager, replica.config(), directory, CrashPoints.none())) {
            backup = backup();
            assertNothingLeft(agent);
        }
        server.sql("DROP EVENT work.older; DELETE FROM work.kept");
        try (RunningAgent agent = agent()) {
            manager.orderRestore(backup, 24);
            assertThat(restored().notes()).anyMatch(note -> note.contains("replica") && note.contains("older"));
            assertThat(server.dumpAll()).isEqualTo(before);
            assertThat(server.sql(EVENTS)).isEqualTo(events);
            assertNothingLeft(agent);
        }
        awaitReplica();
        assertThat(replica.server().sql("SELECT n FROM work.kept")).isEqualTo("1");
        server.sql("DROP DATABASE work; DROP USER app@'%', follower@'127.0.0.1'");
        byHand(backup, "## Recovery by hand");
        assertThat(server.sql(EVENTS))
                .as("nothing tells what was off")
                .isEqualTo(events.replace("DISABLED", "ENABLED"));
    }
}
