package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.RestoreResult;
import io.holdfast.testbed.PostgresCluster;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What is in databases, over which backups and restores have stumbled. */
class PostgresqlContentRowsTest extends PostgresqlRows {
    @Test
    void p1_settingsOfADatabaseCountWhileItsContentComesBack() throws Exception {
        shop("""
                ALTER DATABASE shop SET timezone = 'Pacific/Auckland';
                ALTER DATABASE shop SET DateStyle = 'SQL, DMY';
                ALTER DATABASE shop SET my.unit = 'furlong';
                CREATE TABLE sales (at timestamptz, amount int);
                INSERT INTO sales SELECT '2026-03-01 00:00Z'::timestamptz + n * interval '1 hour', n FROM generate_series(1, 100) n;
                """);
        query("""
                CREATE MATERIALIZED VIEW days AS SELECT at::date AS day, sum(amount) FROM sales GROUP BY 1 ORDER BY 1;
                CREATE FUNCTION words(date) RETURNS text LANGUAGE plpgsql STABLE AS 'BEGIN RETURN $1::text; END';
                CREATE MATERIALIZED VIEW texts AS SELECT words('2026-03-04') AS day, current_setting('my.unit') AS unit;
                """);
        String before = query("TABLE days; TABLE texts");
        RestoreResult result = comesBack(dropped());
        assertThat(query("TABLE days; TABLE texts")).isEqualTo(before).contains("furlong");
        assertThat(result.notes()).noneMatch(note -> note.contains("shop"));
    }

    @Test
    void p1_settingThatTheServerDoesNotKnowIsANote() throws Exception {
        shop("""
                CREATE TABLE t AS SELECT 1 AS n;
                ALTER DATABASE shop SET work_mem = '5MB';
                UPDATE pg_db_role_setting SET setconfig = array_append(setconfig, 'gone_since=on')
                    WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = 'shop');
                """);
        RestoreResult result = comesBack(() -> query("DELETE FROM t"));
        assertThat(query("SELECT n, current_setting('work_mem') FROM t")).isEqualTo("1|5MB");
        assertThat(result.notes()).anyMatch(note -> note.contains("shop") && note.contains("gone_since"));
    }

    @Test
    void p2_viewOverAForeignTableHasWhatTheOtherDatabaseHasAfterTheRestore() throws Exception {
        shop("CREATE EXTENSION postgres_fdw");
        cluster.psql("postgres", "CREATE DATABASE source");
        cluster.psql("source", "CREATE TABLE t AS SELECT 'good' AS v");
        query("""
                CREATE SERVER other FOREIGN DATA WRAPPER postgres_fdw
                    OPTIONS (host '127.0.0.1', port '%d', dbname 'source');
                CREATE USER MAPPING FOR postgres SERVER other OPTIONS (user 'postgres', password '%s');
                CREATE FOREIGN TABLE remote (v text) SERVER other OPTIONS (table_name 't');
                CREATE VIEW between AS SELECT v FROM remote;
                CREATE MATERIALIZED VIEW copied AS SELECT v FROM between;
                """.formatted(cluster.port(), cluster.password()));
        RestoreResult damaged = comesBack(() -> cluster.psql("source", "UPDATE t SET v = 'bad'"));
        assertThat(query("TABLE copied")).isEqualTo("good");
        assertThat(damaged.notes()).anyMatch(note -> note.contains("public.copied") && note.contains("foreign"));
        comesBack(() -> cluster.psql("postgres", "DROP DATABASE source WITH (FORCE)"));
        assertThat(query("TABLE copied")).isEqualTo("good");
    }

    @Test
    void p4_unloggedTablesThatAStandbyCannotReadAreNamed() throws Exception {
        shop("CREATE UNLOGGED TABLE sessions AS SELECT 1 AS n; CREATE TABLE kept AS SELECT 2 AS n");
        try (PostgresCluster standby = PostgresCluster.replicaOf(cluster)) {
            Await.until(() -> standby.psql("postgres", "SELECT 1 FROM pg_database WHERE datname = 'shop'")
                    .equals("1"));
            String backup;
            try (RunningAgent agent = RunningAgent.of(manager, standby, directory)) {
                backup = backup();
                agent.assertNoThreadsLeft();
            }
            assertThat(manager.result(backup).notes())
                    .anyMatch(note -> note.contains("shop") && note.contains("sessions") && !note.contains("kept"));
            try (RunningAgent agent = agent()) {
                manager.orderRestore(backup, 24);
                assertThat(restored().notes()).anyMatch(note -> note.contains("sessions"));
                agent.assertNoThreadsLeft();
            }
            assertThat(query("SELECT (SELECT count(*) FROM sessions), n FROM kept"))
                    .isEqualTo("0|2");
        }
    }

    @Test
    void p7_auditTriggersSeeNothingOfTheAgent() throws Exception {
        shop("""
                CREATE TABLE audit (what text);
                CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql
                    AS $f$ BEGIN INSERT INTO public.audit VALUES (tg_tag); END $f$;
                CREATE MATERIALIZED VIEW m AS SELECT 1 AS n;
                CREATE EVENT TRIGGER a ON ddl_command_end EXECUTE FUNCTION note();
                CREATE TABLE t (n int);
                """);
        assertThat(query("SELECT what FROM audit")).isEqualTo("CREATE TABLE");
        comesBack(nothing());
        assertThat(query("SELECT what FROM audit")).isEqualTo("CREATE TABLE");
        assertThat(query("SELECT evtenabled FROM pg_event_trigger")).isEqualTo("O");
    }

    @Test
    void p7_loginTriggersSeeNothingOfTheAgent() throws Exception {
        shop("CREATE TABLE logins (at timestamptz)");
        assumeThat(Integer.parseInt(query("SHOW server_version_num")))
                .as("servers before 17 have no login triggers")
                .isGreaterThanOrEqualTo(170_000);
        query("""
                CREATE FUNCTION seen() RETURNS event_trigger LANGUAGE plpgsql
                    AS $f$ BEGIN INSERT INTO public.logins VALUES (now()); END $f$;
                CREATE EVENT TRIGGER l ON login EXECUTE FUNCTION seen();
                """);
        try (RunningAgent agent = agent()) {
            String backup = backup();
            assertThat(query("SELECT count(*) FROM logins")).as("this one's").isEqualTo("1");
            manager.orderRestore(backup, 24);
            restored();
            assertThat(query("SELECT count(*) FROM logins")).as("this one's").isEqualTo("1");
            agent.assertNoThreadsLeft();
        }
    }

    @Test
    void p15_eachDatabaseIsDumpedInItsOwnEncoding() throws Exception {
        shop("CREATE TABLE t AS SELECT 1 AS n");
        cluster.psql("postgres", "CREATE DATABASE bytes ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0");
        cluster.psql("bytes", """
                SET client_encoding = 'SQL_ASCII';
                CREATE TABLE t (a text);
                CREATE FUNCTION odd() RETURNS text LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN RETURN E'\\xe4'; END $f$;
                INSERT INTO t VALUES (E'\\xe4\\xff\\xfe'), (E'\\xc3\\xa4');
                DO $$ BEGIN EXECUTE E'CREATE VIEW v AS SELECT \\'\\xe9\\'::text AS e'; END $$;
                """);
        String rows = "SELECT encode(a::bytea, 'hex') FROM t ORDER BY 1";
        comesBack(() -> cluster.psql("bytes", "DELETE FROM t; DROP VIEW v"));
        assertThat(cluster.psql("bytes", rows).lines()).containsExactly("c3a4", "e4fffe");
        assertThat(cluster.psql("bytes", "SELECT encode(e::bytea, 'hex') FROM v"))
                .isEqualTo("e9");
    }

    @Test
    void p17_tablesOfAMissingTablespaceComeBackElsewhere() throws Exception {
        Path folder = cluster.directory().resolve("space");
        HardTree.shell("mkdir \"$1\"; chown postgres \"$1\"", folder);
        cluster.psql("postgres", "CREATE TABLESPACE fast LOCATION '" + folder + "'");
        shop("CREATE TABLE t TABLESPACE fast AS SELECT 1 AS n; CREATE INDEX i ON t (n) TABLESPACE fast");
        RestoreResult result = comesBack(() -> {
            cluster.psql("postgres", "DROP DATABASE shop WITH (FORCE)");
            cluster.psql("postgres", "DROP TABLESPACE fast");
        });
        assertThat(query("TABLE t")).isEqualTo("1");
        assertThat(query("SELECT count(*) FROM pg_indexes WHERE indexname = 'i'"))
                .isEqualTo("1");
        assertThat(result.notes()).anyMatch(note -> note.contains("shop") && note.contains("fast"));
    }

    @Test
    void p19_indexOnAFunctionThatNeedsTheDatabasesSearchPathComesBack() throws Exception {
        shop("""
                ALTER DATABASE shop SET search_path = public, lib;
                CREATE SCHEMA lib;
                CREATE FUNCTION lib.half(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN $1 / 2; END';
                CREATE FUNCTION quarter(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN half(half($1)); END';
                """);
        if (Integer.parseInt(query("SHOW server_version_num")) >= 170_000) {
            // From then on no index is made by the session's search path.
            query("ALTER FUNCTION quarter SET search_path = public, lib");
        }
        query("CREATE TABLE t AS SELECT n FROM generate_series(1, 100) n; CREATE INDEX i ON t (quarter(n))");
        RestoreResult result = comesBack(dropped());
        assertThat(query("SELECT count(*) FROM t")).isEqualTo("100");
        assertThat(query("SELECT count(*) FROM pg_indexes WHERE indexname = 'i'"))
                .isEqualTo("1");
        assertThat(result.notes()).noneMatch(note -> note.contains("shop"));
    }

    @Test
    void p19_whatCannotBeMadeAgainIsToldWithItsStatementAndTheRowsAreThere() throws Exception {
        shop("""
                CREATE TABLE parent (n int PRIMARY KEY);
                CREATE TABLE child (n int REFERENCES parent);
                INSERT INTO parent VALUES (1);
                SET session_replication_role = replica;
                INSERT INTO child VALUES (1), (2);
                RESET session_replication_role;
                CREATE TABLE limits (most int);
                INSERT INTO limits VALUES (10);
                CREATE FUNCTION few() RETURNS int LANGUAGE plpgsql STABLE AS $f$ BEGIN
                    IF (SELECT count(*) FROM public.limits) > 0 THEN RETURN 1; END IF;
                    RAISE 'permission denied for connection to server'; END $f$;
                CREATE MATERIALIZED VIEW m AS SELECT few() AS n;
                DELETE FROM limits;
                """);
        RestoreResult result = comesBack(dropped());
        assertThat(query("SELECT count(*) FROM child")).isEqualTo("2");
        assertThat(query("SELECT count(*) FROM pg_constraint WHERE conname = 'parent_pkey'"))
                .isEqualTo("1");
        assertThat(result.notes())
                .anyMatch(note ->
                        note.contains("child_n_fkey") && note.contains("23503") && note.contains("ADD CONSTRAINT"))
                .anyMatch(note -> note.contains("REFRESH MATERIALIZED VIEW public.m") && note.contains("P0001"));
    }

    @Test
    void p19_checkThatReadsAnotherTableComesBack() throws Exception {
        shop("""
                CREATE TABLE a (n int);
                CREATE TABLE kinds (kind text PRIMARY KEY);
                CREATE FUNCTION known(text) RETURNS boolean LANGUAGE plpgsql
                    AS 'BEGIN RETURN EXISTS (SELECT FROM public.kinds WHERE kind = $1); END';
                CREATE DOMAIN kind AS text CHECK (known(value));
                ALTER TABLE a ADD k text CHECK (known(k)), ADD d kind;
                INSERT INTO kinds VALUES ('x');
                INSERT INTO a VALUES (1, 'x', 'x');
                ALTER TABLE a OWNER TO app; ALTER TABLE kinds OWNER TO app;
                """);
        RestoreResult result = comesBack(dropped());
        assertThat(query("TABLE a")).isEqualTo("1|x|x");
        assertThat(query("SELECT count(*) FROM pg_constraint WHERE contype = 'c' AND convalidated AND oid >= 16384"))
                .isEqualTo("2");
        assertThat(result.notes()).noneMatch(note -> note.contains("constraint"));
    }

    @Test
    void p19_rowsComeBackWhoseChecksHeldOnlyAtTheirTimeForTheirUserOrUnderTheDatabasesName() throws Exception {
        shop("""
                CREATE TABLE coupons (code text, until timestamptz CHECK (until > now()));
                INSERT INTO coupons VALUES ('a', clock_timestamp() + interval '1 ms'), ('b', now() + interval '1 year');
                CREATE TABLE log (who text CHECK (who = current_user), db text CHECK (db = current_database()), n int CHECK (n > 0));
                GRANT INSERT ON log TO app;
                INSERT INTO log VALUES ('postgres', 'shop', 1);
                SET SESSION AUTHORIZATION app;
                INSERT INTO log VALUES ('app', 'shop', 2);
                """);
        String before = query("TABLE coupons; TABLE log");
        RestoreResult result = comesBack(() -> query("DELETE FROM coupons; DELETE FROM log"));
        assertThat(query("TABLE coupons; TABLE log")).isEqualTo(before);
        assertThat(query("SELECT conname FROM pg_constraint WHERE contype = 'c' AND convalidated AND oid >= 16384"))
                .isEqualTo("log_n_check");
        assertThat(result.notes())
                .anyMatch(note -> note.contains("coupons_until_check") && note.contains("VALIDATE CONSTRAINT"))
                .anyMatch(note -> note.contains("log_who_check") && note.contains("VALIDATE CONSTRAINT"));
    }

    /** Views and triggers, too, keep an operator without its schema where they compare by IS DISTINCT FROM. */
    @Test
    void p19_whatNamesFunctionsOrOperatorsWithoutTheirSchemaComesBack() throws Exception {
        shop("""
                CREATE EXTENSION hstore;
                CREATE FUNCTION half(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1 / 2';
                CREATE FUNCTION quarter(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN half(half($1)); END';
                CREATE TABLE t (n int, q int GENERATED ALWAYS AS (quarter(n)) STORED, a hstore, b hstore);
                INSERT INTO t (n, a) SELECT n, 'k=>v' FROM generate_series(1, 50) n;
                ALTER TABLE t OWNER TO app;
                CREATE TABLE parts (n int) PARTITION BY RANGE (quarter(n));
                CREATE TABLE low PARTITION OF parts FOR VALUES FROM (0) TO (5);
                CREATE TABLE high PARTITION OF parts DEFAULT;
                INSERT INTO parts SELECT n FROM t;
                CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
                CREATE TRIGGER changed BEFORE UPDATE ON t FOR EACH ROW WHEN (OLD.a IS DISTINCT FROM NEW.a) EXECUTE FUNCTION f();
                CREATE VIEW differ AS SELECT n FROM t WHERE a IS DISTINCT FROM b;
                ALTER VIEW differ OWNER TO app;
                CREATE VIEW above AS SELECT count(*) FROM differ;
                GRANT SELECT ON above TO app;
                """);
        String all = """
                TABLE above; SELECT * FROM t ORDER BY n; SELECT tableoid::regclass, n FROM parts ORDER BY n;
                SELECT pg_get_triggerdef(oid) FROM pg_trigger; SELECT relname, relowner::regrole, relacl FROM pg_class
                    WHERE relnamespace = 'public'::regnamespace ORDER BY 1""";
        String before = query(all);
        RestoreResult result = comesBack(() -> query("DROP VIEW above, differ; DELETE FROM t; DROP TABLE parts"));
        assertThat(query(all)).isEqualTo(before);
        assertThat(result.notes()).noneMatch(note -> note.contains("could not be made"));
    }

    @Test
    void p19_eventTriggerThatForbidsStatementsDoesNotKeepAViewEmpty() throws Exception {
        shop("""
                CREATE TABLE t AS SELECT 1 AS n;
                CREATE MATERIALIZED VIEW m AS SELECT n FROM t;
                CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS $f$ BEGIN RAISE 'no'; END $f$;
                CREATE EVENT TRIGGER forbid ON ddl_command_start EXECUTE FUNCTION no();
                """);
        comesBack(dropped());
        assertThat(query("TABLE m")).isEqualTo("1");
        assertThat(query("SELECT evtname, evtenabled FROM pg_event_trigger")).isEqualTo("forbid|O");
    }

    @Test
    void p22_wordsOfAStatementAreNotTakenForTheConnections() throws Exception {
        shop("""
                CREATE FUNCTION odd(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $f$ BEGIN
                    IF current_setting('odd.really', true) = 'yes' THEN RETURN $1; END IF;
                    RAISE 'permission denied: connection to server failed'; END $f$;
                CREATE TABLE t (n int, o int GENERATED ALWAYS AS (odd(n)) STORED);
                SET odd.really = 'yes';
                INSERT INTO t VALUES (1);
                """);
        try (RunningAgent agent = agent()) {
            String backup = backup();
            manager.orderRestore(backup, 24);
            JobFailure failure = failedRestore();
            assertThat(failure.code()).as(failure.message()).isEqualTo(FailureCode.RESTORE_FAILED);
            assertThat(failure.message()).contains("shop").contains("connection to server failed");
            assertThat(query("TABLE t")).isEqualTo("1|1");
            agent.assertNoThreadsLeft();
        }
    }

    @Test
    void s5_whatATenantHasWrittenRunsAsTheTablesOwner() throws Exception {
        shop("""
                CREATE TABLE seen (who text);
                ALTER TABLE seen OWNER TO app;
                CREATE FUNCTION harmless(int) RETURNS boolean LANGUAGE plpgsql AS $f$ BEGIN
                    INSERT INTO public.seen VALUES (current_user || ' ' || session_user || ' ' || current_setting('is_superuser'));
                    RETURN true; END $f$;
                CREATE FUNCTION same(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $f$ BEGIN
                    PERFORM public.harmless($1); RETURN $1; END $f$;
                CREATE TABLE t (n int CHECK (harmless(n)), m int GENERATED ALWAYS AS (same(n)) STORED);
                ALTER TABLE t OWNER TO app;
                INSERT INTO t VALUES (1);
                TRUNCATE seen;
                """);
        comesBack(nothing());
        assertThat(query("SELECT DISTINCT who FROM seen")).isEqualTo("app app off");
    }
}
