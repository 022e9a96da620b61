package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.RestoreResult;
import io.holdfast.testbed.PostgresCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Roles, settings and what else a whole server has, over which backups and restores have stumbled. */
class PostgresqlServerRowsTest extends PostgresqlRows {

    @Test
    void p3_roleThatADatabaseOrTheAgentsRoleIsSetToDoesNotCount() throws Exception {
        shop("""
                CREATE EXTENSION postgres_fdw;
                CREATE SERVER other FOREIGN DATA WRAPPER postgres_fdw;
                CREATE USER MAPPING FOR postgres SERVER other OPTIONS (user 'x', password 'kept');
                CREATE SUBSCRIPTION sub CONNECTION 'host=/nowhere' PUBLICATION p WITH (connect = false, slot_name = NONE);
                ALTER DATABASE shop SET role TO app;
                """);
        comesBack(nothing());
        assertThat(cluster.psql("postgres", """
                        SELECT setconfig FROM pg_db_role_setting JOIN pg_database d ON d.oid = setdatabase
                        WHERE datname = 'shop'""")).isEqualTo("{role=app}");
        cluster.psql("postgres", "ALTER DATABASE shop RESET role");
        assertThat(query("SELECT umoptions FROM pg_user_mapping")).contains("password=kept");
        assertThat(query("SELECT subname FROM pg_subscription")).contains("sub");
    }

    @Test
    void p6_settingsOfAllRolesComeBackAndWhatDoesNotIsNoted() throws Exception {
        shop("""
                CREATE ROLE other;
                ALTER ROLE ALL SET work_mem = '6MB';
                ALTER ROLE ALL SET search_path = public, "odd one";
                GRANT CONNECT ON DATABASE shop TO app WITH GRANT OPTION;
                """);
        cluster.psql("shop", "app", "GRANT CONNECT ON DATABASE shop TO other");
        cluster.psql("postgres", "ALTER DATABASE shop OWNER TO postgres");
        cluster.psql("postgres", "GRANT CONNECT ON DATABASE shop TO app WITH GRANT OPTION");
        cluster.psql("postgres", "SET ROLE app; GRANT CONNECT ON DATABASE shop TO other");
        try (RunningAgent agent = agent()) {
            String backup = backup();
            assertThat(manager.result(backup).notes())
                    .anyMatch(note -> note.contains("shop") && note.contains("others than its owner"));
            cluster.psql("postgres", "ALTER ROLE ALL RESET ALL; ALTER ROLE ALL SET lock_timeout = '3s'");
            manager.orderRestore(backup, 24);
            restored();
            assertThat(cluster.psql(
                            "postgres",
                            "SELECT setconfig FROM pg_db_role_setting WHERE setrole = 0 AND setdatabase = 0"))
                    .isEqualTo("{work_mem=6MB,\"search_path=public, \\\"odd one\\\"\"}");
            agent.assertNoThreadsLeft();
        }
    }

    @Test
    void p8_applicationThatConnectsAgainAndAgainDoesNotSpoilTheRestore() throws Exception {
        shop("CREATE TABLE t AS SELECT 1 AS n; GRANT CREATE ON SCHEMA public TO app");
        AtomicBoolean over = new AtomicBoolean();
        try (RunningAgent agent = agent()) {
            String backup = backup();
            List<Thread> applications = List.of(application("app", over), application("postgres", over));
            manager.orderRestore(backup, 24);
            restored();
            Await.until(() -> query("SELECT count(*) FROM pg_class WHERE relname ~ '^by_'")
                    .equals("2"));
            over.set(true);
            for (Thread each : applications) {
                each.join();
            }
            assertThat(query("TABLE t")).isEqualTo("1");
            agent.assertNoThreadsLeft();
        }
    }

    @Test
    void p9_programsThatMakeWhatTheServerCannotTakeBackAreRefusedAtTheBackup() throws Exception {
        Path tools = Files.createDirectory(directory.resolve("newer"));
        for (String name : List.of("pg_dump", "pg_dumpall", "pg_restore", "psql")) {
            Path tool = Files.writeString(
                    tools.resolve(name),
                    "#!/bin/sh\n[ \"$1\" = --version ] && echo '" + name + " (PostgreSQL) 99.1' || exec "
                            + cluster.bin().resolve(name) + " \"$@\"\n");
            Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        try (RunningAgent agent = new RunningAgent(
                manager,
                RunningAgent.config(cluster, List.of(tools.toString()), Duration.ofMinutes(1)),
                directory,
                CrashPoints.none())) {
            manager.orderBackup();
            JobFailure failure = (JobFailure) manager.report();
            assertThat(failure.code()).as(failure.message()).isEqualTo(FailureCode.TOOL_VERSION);
            assertThat(failure.message()).contains("99.1");
            agent.assertNoThreadsLeft();
        }
    }

    @Test
    void p10_ownerWithRightsByMembershipComesBackOntoAnEmptyServer() throws Exception {
        shop("""
                CREATE ROLE readers;
                GRANT readers TO app;
                CREATE SCHEMA closed;
                CREATE TABLE closed.t AS SELECT 1 AS n;
                GRANT USAGE ON SCHEMA closed TO readers;
                GRANT SELECT ON closed.t TO readers;
                CREATE MATERIALIZED VIEW public.m AS SELECT n FROM closed.t;
                ALTER MATERIALIZED VIEW public.m OWNER TO app;
                """);
        query("REFRESH MATERIALIZED VIEW public.m");
        RestoreResult result = comesBack(() -> {
            cluster.psql("postgres", "DROP DATABASE shop WITH (FORCE)");
            cluster.psql("postgres", "DROP ROLE app; DROP ROLE readers");
        });
        assertThat(query("TABLE m")).isEqualTo("1");
        assertThat(result.notes()).noneMatch(note -> note.contains("shop"));
    }

    @Test
    void p11_globalsThatTheServerRefusesAreNotesAndTriedBeforeAnySessionIsEnded() throws Exception {
        shop("""
                CREATE TABLE t AS SELECT 1 AS n;
                ALTER ROLE app SET work_mem = '5MB';
                UPDATE pg_db_role_setting SET setconfig = array_append(setconfig, 'gone_since=secret')
                    WHERE setrole = 'app'::regrole;
                """);
        RestoreResult result = comesBack(() -> query("DELETE FROM t; ALTER ROLE app RESET work_mem"));
        assertThat(query("TABLE t")).isEqualTo("1");
        assertThat(cluster.psql("postgres", "SELECT setconfig FROM pg_db_role_setting"))
                .isEqualTo("{work_mem=5MB}");
        assertThat(result.notes())
                .anyMatch(note -> note.contains("ALTER ROLE app") && note.contains("gone_since"))
                .noneMatch(note -> note.contains("secret"));
    }

    @Test
    void p12_rightsOnParametersThatWerePassedOnComeBack() throws Exception {
        shop("CREATE ROLE other; GRANT SET ON PARAMETER log_statement TO app WITH GRANT OPTION");
        cluster.psql("shop", "app", "GRANT SET ON PARAMETER log_statement TO other");
        String acl = "SELECT paracl FROM pg_parameter_acl WHERE parname = 'log_statement'";
        String before = query(acl);
        assertThat(before).contains("other=s/app");
        comesBack(() ->
                cluster.psql("postgres", "REVOKE ALL ON PARAMETER log_statement FROM app CASCADE; DROP ROLE other"));
        assertThat(query(acl)).isEqualTo(before);
        cluster.psql("postgres", "REVOKE ALL ON PARAMETER log_statement FROM app CASCADE");
    }

    @Test
    void p13_whatAnInterruptedDropHasLeftIsNotedAndReplaced() throws Exception {
        shop("CREATE TABLE t AS SELECT 1 AS n");
        cluster.psql("postgres", "CREATE DATABASE half");
        String interrupt = "UPDATE pg_database SET datconnlimit = -2 WHERE datname = '%s'";
        cluster.psql("postgres", interrupt.formatted("half"));
        try (RunningAgent agent = agent()) {
            String backup = backup();
            assertThat(manager.result(backup).notes()).anyMatch(note -> note.contains("half"));
            cluster.psql("postgres", interrupt.formatted("shop"));
            manager.orderRestore(backup, 24);
            RestoreResult result = restored();
            assertThat(result.restored()).contains("shop").doesNotContain("half");
            assertThat(result.leftAlone()).doesNotContain("half");
            assertThat(query("TABLE t")).isEqualTo("1");
            agent.assertNoThreadsLeft();
        }
        cluster.psql("postgres", "DROP DATABASE half");
    }

    @Test
    void p16_roleThatIsNoSuperuserAnyMoreGetsItsEventTriggerBack() throws Exception {
        shop("""
                ALTER ROLE app SUPERUSER;
                CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
                CREATE EVENT TRIGGER et ON sql_drop EXECUTE FUNCTION e();
                ALTER EVENT TRIGGER et OWNER TO app;
                """);
        RestoreResult result = comesBack(() -> {
            cluster.psql("shop", "DROP EVENT TRIGGER et");
            cluster.psql("postgres", "ALTER ROLE app NOSUPERUSER");
        });
        assertThat(query("SELECT evtowner::regrole FROM pg_event_trigger")).isEqualTo("app");
        assertThat(result.notes()).noneMatch(note -> note.contains("could not be made"));
    }

    @Test
    void p18_keptDatabasesWithSubscriptionsAreDropped() throws Exception {
        String subscription =
                "CREATE SUBSCRIPTION sub CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p WITH (connect = false)";
        shop(subscription);
        cluster.psql("postgres", "CREATE DATABASE zoo");
        String kept = "SELECT count(*) FROM pg_database WHERE datname ~ '^holdfast_'";
        String backup;
        try (RunningAgent agent = agent()) {
            backup = backup();
            manager.orderRestore(backup, 0);
            restored();
            manager.giveWrongKeys();
            manager.orderRestore(backup, 24);
            failedRestore();
            assertThat(cluster.psql("postgres", kept)).isEqualTo("4");
            agent.assertNoThreadsLeft();
        }
        try (RunningAgent agent = agent()) {
            Await.until(() -> cluster.psql("postgres", kept).equals("0"));
            agent.assertNoThreadsLeft();
        }
        assertThat(query("SELECT count(*) FROM pg_subscription")).isEqualTo("1");
    }

    @Test
    void p21_slotsOfReplacedDatabasesAreToldAndTablesAreAnalysed() throws Exception {
        shop("CREATE TABLE t AS SELECT n FROM generate_series(1, 1000) n; CREATE TABLE empty (n int)");
        query("SELECT pg_create_logical_replication_slot('feed', 'pgoutput')");
        try (RunningAgent agent = agent()) {
            String backup = backup();
            assertThat(manager.result(backup).notes()).anyMatch(note -> note.contains("feed"));
            manager.orderRestore(backup, 24);
            assertThat(restored().notes())
                    .anyMatch(note -> note.contains("feed") && note.contains("pg_drop_replication_slot"));
            agent.assertNoThreadsLeft();
        }
        assertThat(query("SELECT reltuples FROM pg_class WHERE relname = 't'")).isEqualTo("1000");
        assertThat(query("SELECT count(*) > 0 FROM pg_statistic WHERE starelid = 't'::regclass"))
                .isEqualTo("t");
        cluster.psql("postgres", "SELECT pg_drop_replication_slot('feed')");
    }

    /** No provider can be had from a package, so the catalogues get what one would have written, and the server has lost it. */
    @Test
    void p6_securityLabelsWhoseProviderIsNotLoadedAreNotes() throws Exception {
        shop("""
                CREATE TABLE t AS SELECT 1 AS n;
                INSERT INTO pg_seclabel VALUES ('t'::regclass, 'pg_class'::regclass, 0, 'guard', 'kept apart');
                INSERT INTO pg_shseclabel SELECT oid, 'pg_database'::regclass, 'guard', 'kept apart'
                    FROM pg_database WHERE datname = 'shop';
                INSERT INTO pg_shseclabel VALUES ('app'::regrole, 'pg_authid'::regclass, 'guard', 'kept apart');
                """);
        try (RunningAgent agent = agent()) {
            String backup = backup();
            assertThat(manager.result(backup).notes())
                    .anyMatch(note -> note.contains("shop") && note.contains("security label"));
            dropped().run();
            cluster.psql("postgres", "DELETE FROM pg_shseclabel");
            manager.orderRestore(backup, 24);
            RestoreResult result = restored();
            assertThat(query("TABLE t")).isEqualTo("1");
            assertThat(result.notes())
                    .anyMatch(note -> note.contains("SECURITY LABEL TABLE t") && note.contains("guard"))
                    .anyMatch(note -> note.contains("SECURITY LABEL FOR guard ON ROLE app"));
            agent.assertNoThreadsLeft();
        }
    }

    @Test
    void p11_rolesComeBackIntoAServerWithAnotherBootstrapRole() throws Exception {
        shop("""
                CREATE ROLE reader;
                CREATE ROLE chief SUPERUSER;
                GRANT reader TO app;
                CREATE TABLE t AS SELECT 1 AS n;
                GRANT SELECT ON t TO reader;
                SET SESSION AUTHORIZATION chief;
                GRANT reader TO app WITH ADMIN OPTION;
                """);
        String backup;
        try (RunningAgent agent = agent()) {
            backup = backup();
            agent.assertNoThreadsLeft();
        }
        PostgresCluster first = cluster;
        try (PostgresCluster other = PostgresCluster.startWithBootstrapRole("root")) {
            cluster = other;
            try (RunningAgent agent = agent()) {
                manager.orderRestore(backup, 24);
                restored();
                assertThat(query("SET SESSION AUTHORIZATION app; TABLE t")).isEqualTo("1");
                assertThat(query("SELECT DISTINCT admin_option FROM pg_auth_members WHERE roleid = 'reader'::regrole"
                                + " AND member = 'app'::regrole ORDER BY 1 DESC LIMIT 1"))
                        .isEqualTo("t");
                agent.assertNoThreadsLeft();
            }
        } finally {
            cluster = first;
        }
    }

    @Test
    void p16_wrapperOfARoleThatIsNoSuperuserAnyMoreIsRefusedByNameAndTheLiveDataStays() throws Exception {
        shop("""
                ALTER ROLE app SUPERUSER;
                CREATE TABLE t AS SELECT 1 AS n;
                CREATE FOREIGN DATA WRAPPER own;
                ALTER FOREIGN DATA WRAPPER own OWNER TO app;
                """);
        try (RunningAgent agent = agent()) {
            String backup = backup();
            cluster.psql("postgres", "ALTER ROLE app NOSUPERUSER");
            query("UPDATE t SET n = 2");
            manager.orderRestore(backup, 24);
            JobFailure failure = failedRestore();
            assertThat(failure.message()).contains("own", "superuser");
            assertThat(failure.hint()).contains("superuser");
            assertThat(query("TABLE t")).isEqualTo("2");
            agent.assertNoThreadsLeft();
        }
    }

    @Test
    void p18_cancelledRestoreOfADatabaseWithASubscriptionLeavesNothing() throws Exception {
        shop("CREATE SUBSCRIPTION sub CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p WITH (connect = false)");
        cluster.psql("postgres", "CREATE DATABASE zoo");
        cluster.psql("zoo", """
                CREATE FUNCTION slow(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $f$ BEGIN
                    IF current_database() <> 'zoo' THEN PERFORM pg_sleep(120); END IF;
                    RETURN $1; END $f$;
                CREATE TABLE t AS SELECT 1 AS n;
                CREATE INDEX i ON t (slow(n));
                """);
        try (RunningAgent agent = agent()) {
            String backup = backup();
            manager.orderRestore(backup, 24);
            Await.until(() -> !cluster.psql(
                            "postgres",
                            "SELECT 1 FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid"
                                    + " WHERE d.datname ~ '^holdfast_'")
                    .isEmpty());
            manager.cancel(true);
            assertThat(failedRestore().code()).isEqualTo(FailureCode.CANCELLED);
            manager.cancel(false);
            assertThat(cluster.psql("postgres", "SELECT datname FROM pg_database WHERE datname ~ '^holdfast_'"))
                    .isEmpty();
            assertThat(query("SELECT count(*) FROM pg_subscription")).isEqualTo("1");
            agent.assertNoThreadsLeft();
        }
    }
}
