package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.config.AdapterConfig;
import io.holdfast.agent.config.MariadbConfig;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Data that servers of both products take once, and do not take again just like that: what is listed as good comes back. */
abstract class SqlKinds extends SqlFixture {
    /** Tables and views that have to be read, moved or set with care, for the schemas {@code zoo} and {@code app}. */
    abstract String zoo();

    abstract String zooRoutines();

    /** A query for what the product's dumps do not say of them. */
    abstract String besidesDumps();

    /** Views that only this product has, on {@code app.t}. */
    void moreViews() {}

    /** A backup of what is there comes back over other data, and onto a server without any; also when it was made long ago. */
    final void assertComesBack() throws Exception {
        assertComesBack(config());
    }

    final void assertComesBack(AdapterConfig config) throws Exception {
        String before = server.dumpAll();
        try (RunningAgent agent = new RunningAgent(manager, config, directory, CrashPoints.none())) {
            String backup = backup();
            hard.change();
            manager.orderRestore(backup, 24);
            restored();
            assertThat(server.dumpAll()).isEqualTo(before);
            hard.lose();
            manager.orderRestore(backup, 24);
            restored();
            assertThat(server.dumpAll()).isEqualTo(before);
            manager.orderRestore(backup, 0);
            restored();
            assertThat(server.dumpAll()).isEqualTo(before);
            assertNothingLeft(agent);
        }
    }

    @Test
    void m2_viewsComeBackInWhateverOrderTheyNeedEachOtherFunctionsAndRights() throws Exception {
        server.sql("""
                CREATE DATABASE app; CREATE DATABASE work; CREATE TABLE app.t (n INT, m INT, k INT PRIMARY KEY);
                CREATE USER app@'%'; GRANT SELECT, INSERT, UPDATE ON app.t TO app@'%'; CREATE USER gone@'%';
                CREATE FUNCTION work.f(x INT) RETURNS INT DETERMINISTIC RETURN x + 1;
                CREATE DEFINER=app@'%' VIEW app.z AS SELECT n FROM app.t WHERE n > 0 WITH CHECK OPTION;
                GRANT SELECT, UPDATE ON app.z TO gone@'%';
                CREATE DEFINER=gone@'%' VIEW app.m AS SELECT n FROM app.z WITH LOCAL CHECK OPTION;
                CREATE VIEW app.a AS SELECT n FROM app.m WITH CASCADED CHECK OPTION;
                CREATE VIEW work.a AS SELECT work.f(app.n) AS app, `work`.n FROM app.t app JOIN app.z `work`;
                CREATE SQL SECURITY INVOKER VIEW work.`b.``x` AS
                    WITH RECURSIVE c AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM c WHERE n < 3) SELECT c.n, t.m
                    FROM c JOIN app.t t USING (n) WHERE t.m <> '`app`.`t`';
                """);
        moreViews();
        assertComesBack();
        assertThat(server.sql("UPDATE app.a SET n = 3; SELECT COUNT(*) FROM work.a"))
                .isEqualTo("0");
    }

    @Test
    void m3_rowsThatAreLongerInADumpThanTheServerTakesComeBackAndItTakesNoMoreAfterwards() throws Exception {
        server.sql("SET GLOBAL max_allowed_packet = 16777216");
        try {
            server.sql("""
                    CREATE DATABASE app; CREATE TABLE app.t (b LONGBLOB);
                    INSERT INTO app.t VALUES (REPEAT(UNHEX('0027225C0A0DFF1A'), 1500000));
                    """);
            try (RunningAgent agent = agent()) {
                String backup = backup();
                String before = hard.listing();
                hard.lose();
                manager.orderRestore(backup, 0);
                restored();
                assertThat(hard.listing()).isEqualTo(before);
                assertThat(server.sql("SELECT @@GLOBAL.max_allowed_packet")).isEqualTo("16777216");
                assertNothingLeft(agent);
            }
        } finally {
            server.sql("SET GLOBAL max_allowed_packet = DEFAULT");
        }
    }

    @Test
    void m5_foreignKeysToAndFromOtherSchemasHoldAfterwardsAndNoRowThatIsKeptAsideHoldsAnybodyUp() throws Exception {
        server.sql("""
                CREATE DATABASE app; CREATE DATABASE beyond; CREATE TABLE app.p (id INT PRIMARY KEY, x INT, UNIQUE (x));
                CREATE TABLE beyond.p (id INT PRIMARY KEY); INSERT INTO app.p VALUES (1, 10); INSERT INTO beyond.p VALUES (1), (2);
                CREATE TABLE app.c (p INT, CONSTRAINT out_ FOREIGN KEY (p) REFERENCES beyond.p (id) ON DELETE SET NULL);
                CREATE TABLE beyond.c (p INT, CONSTRAINT in_ FOREIGN KEY (p) REFERENCES app.p (id) ON UPDATE CASCADE);
                INSERT INTO app.c VALUES (1); INSERT INTO beyond.c VALUES (1);
                """);
        MariadbConfig onlyApp = hard.withSchemas("app");
        String before = server.dumpAll();
        try (RunningAgent agent = new RunningAgent(manager, onlyApp, directory, CrashPoints.none())) {
            String backup = backup();
            server.sql("INSERT INTO app.c VALUES (2); INSERT INTO app.p VALUES (2, 20)");
            manager.orderRestore(backup, 24);
            assertThat(restored().notes()).isEmpty();
            assertThat(server.dumpAll()).isEqualTo(before);
            server.sql("UPDATE app.p SET id = 5; DELETE FROM beyond.p WHERE id = 2");
            assertThat(server.sql("SELECT p FROM beyond.c")).isEqualTo("5");
            assertThat(server.sql("SELECT p FROM app.c")).isEqualTo("1");
            assertNothingLeft(agent);
        }
    }

    @Test
    void s5_nothingThatTenantsWroteRunsWhileTheirDataIsRestored() throws Exception {
        server.sql("""
                CREATE DATABASE app; USE app; CREATE TABLE who (what TEXT, account TEXT); CREATE TABLE t (n INT);
                INSERT INTO t VALUES (1), (2);
                DELIMITER //
                CREATE FUNCTION f() RETURNS INT BEGIN INSERT INTO app.who VALUES ('function', CURRENT_USER()); RETURN 1; END//
                CREATE TRIGGER app.i AFTER INSERT ON app.t FOR EACH ROW INSERT INTO app.who VALUES ('trigger', USER())//
                CREATE EVENT app.e ON SCHEDULE EVERY 1 SECOND STARTS NOW() + INTERVAL 1 HOUR
                    DO INSERT INTO who VALUES ('event', CURRENT_USER())//
                DELIMITER ;
                CREATE VIEW v AS SELECT n, f() AS one FROM t WHERE f() = 1;
                """);
        try (RunningAgent agent = agent()) {
            String backup = backup();
            String before = server.dumpAll();
            hard.lose();
            manager.orderRestore(backup, 0);
            restored();
            assertThat(server.dumpAll()).isEqualTo(before);
            assertThat(server.sql("SELECT COUNT(*) FROM app.who")).isEqualTo("0");
            server.sql("INSERT INTO app.t VALUES (3)");
            assertThat(server.sql("SELECT what FROM app.who")).isEqualTo("trigger");
            assertNothingLeft(agent);
        }
    }

    @Test
    void whatIsKeptTakesARestoreBackByHandAndIsGoneWithItsTime() throws Exception {
        hard.fill();
        try (RunningAgent agent = agent()) {
            String backup = backup();
            server.sql("DROP TABLE app.old_engine; INSERT INTO app.parents (name) VALUES ('new'); DROP VIEW app.`over`;"
                    + " ALTER DATABASE app CHARACTER SET utf8mb3; CREATE TABLE app.c (n INT); CREATE TRIGGER app.tr"
                    + " BEFORE INSERT ON app.c FOR EACH ROW SET NEW.n = 7");
            String before = server.dumpAll();
            manager.orderRestore(backup, 24);
            List<String> kept = restored().kept();
            assertThat(server.dumpAll()).isNotEqualTo(before);
            assertThat(kept).anyMatch(name -> name.matches("holdfast_restore_[0-9]+_[0-9]+_old_0"));
            byHandIn(Path.of(kept.getFirst()));
            assertThat(server.dumpAll()).isEqualTo(before);
            manager.orderRestore(backup, 0);
            restored();
            assertNothingLeft(agent);
        }
        Thread.sleep(1100); // names have whole seconds
        try (RunningAgent _ = agent()) {
            Await.until(() -> kept() <= 1);
            Await.until(() -> server.sql("SHOW DATABASES LIKE 'holdfast_restore%'")
                    .lines()
                    .noneMatch(name -> name.startsWith("holdfast_restore_3")));
        }
    }

    private void byHandIn(Path folder) throws Exception {
        shell(commandsByHand("To undo a restore by hand"), Map.of("KEPT", folder.toString()));
    }

    /** What else there is that has to be read, moved or set with care. */
    @Test
    void everyOtherKindOfTableViewAndRoutineComesBack() throws Exception {
        server.sql("CREATE DATABASE zoo CHARACTER SET utf8mb4; CREATE DATABASE app CHARACTER SET latin1; USE zoo;"
                + zoo());
        server.sql("USE zoo;\n" + zooRoutines());
        String wanted = server.dumpAll();
        String besides = server.sql(besidesDumps());
        assertThat(besides).isNotEmpty();
        String called = server.sql("SELECT zoo.quoted(), zoo.f(1)");
        MariadbConfig all = hard.withSchemas("app", "zoo");
        try (RunningAgent agent = new RunningAgent(manager, all, directory, CrashPoints.none())) {
            String backup = backup();
            server.sql(
                    "SET foreign_key_checks = 0; DROP DATABASE zoo; CREATE DATABASE zoo; CREATE TABLE zoo.`t.a``b` (n INT)");
            manager.orderRestore(backup, 24);
            restored();
            assertThat(server.dumpAll()).isEqualTo(wanted);
            assertThat(server.sql(besidesDumps())).isEqualTo(besides);
            manager.orderRestore(backup, 0);
            restored();
            assertThat(server.dumpAll()).isEqualTo(wanted);
            assertThat(server.sql("SELECT zoo.quoted(), zoo.f(1)")).isEqualTo(called);
            assertNothingLeft(agent);
        }
    }

    @Test
    void serverThatGivesNotAllRowsIsNotBackedUp() throws Exception {
        server.sql("CREATE DATABASE app; CREATE TABLE app.t (n INT); INSERT INTO app.t VALUES (1), (2);"
                + " SET GLOBAL sql_select_limit = 1");
        try (RunningAgent agent = agent()) {
            manager.orderBackup();
            JobFailure failure = (JobFailure) manager.report();
            assertThat(failure.code()).isEqualTo(FailureCode.DUMP_FAILED);
            assertThat(failure.hint()).contains("sql_select_limit");
            assertNothingLeft(agent);
        } finally {
            server.sql("SET GLOBAL sql_select_limit = DEFAULT");
        }
    }
}
