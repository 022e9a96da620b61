package io.holdfast.agent;

import io.holdfast.testbed.PostgresCluster;
import java.util.List;

/** Data that is hard to back up, and changes to it that a restore has to undo. */
final class HardData {
    /** Names that are easily taken for options, quotes or connection strings. */
    static final List<String> NAMES =
            List.of("app", "-dash \"quoted\" 'and' blanks", "🐘 élan", "dbname=postgres", "Globals");

    /** Those that have everything in them; in the others it is their names that are hard. */
    private static final List<String> FULL = List.of("app", "🐘 élan");

    private static final String ROLES = """
            CREATE ROLE owner LOGIN PASSWORD 'secret' CREATEDB CONNECTION LIMIT 7 VALID UNTIL '2099-01-01 00:00:00+00';
            CREATE ROLE "Reader ""one"" x" NOLOGIN;
            CREATE ROLE "член" LOGIN;
            GRANT "Reader ""one"" x" TO owner WITH ADMIN OPTION;
            GRANT "Reader ""one"" x" TO "член";
            GRANT pg_monitor TO "член";
            ALTER ROLE owner SET work_mem = '5MB';
            ALTER ROLE owner SET search_path = "$user", 'odd "schema', public;
            COMMENT ON ROLE owner IS 'owns; it''s "all"';
            ALTER ROLE ALL SET datestyle = 'SQL, DMY';
            GRANT SET ON PARAMETER log_statement TO owner WITH GRANT OPTION;
            SET SESSION AUTHORIZATION owner;
            GRANT SET ON PARAMETER log_statement TO "член";
            """;

    private static final String CONTENT = """
            CREATE EXTENSION hstore;
            CREATE EXTENSION "uuid-ossp";
            CREATE SCHEMA "odd ""schema" AUTHORIZATION owner;
            CREATE TABLE "odd ""schema"."table; DROP" (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                a int NOT NULL, twice int GENERATED ALWAYS AS (a * 2) STORED, h hstore, t text COLLATE "C",
                b bytea, j jsonb, u uuid DEFAULT uuid_generate_v4());
            INSERT INTO "odd ""schema"."table; DROP" (a, h, t, b, j)
                SELECT n, hstore('k', n::text), E'line\\nbreak \\t tab \\\\. ' || n, decode(md5(n::text), 'hex'),
                    jsonb_build_object('n', n) FROM generate_series(1, 2000) n;
            CREATE TABLE parts (id int, at date) PARTITION BY RANGE (at);
            CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2026-07-01');
            CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM ('2026-07-01') TO ('2027-01-01');
            CREATE INDEX ON parts (at);
            INSERT INTO parts SELECT n, '2026-01-01'::date + n FROM generate_series(0, 300) n;
            CREATE VIEW v AS SELECT count(*) FROM parts;
            CREATE MATERIALIZED VIEW mv AS SELECT at, count(*) FROM parts GROUP BY at ORDER BY at;
            CREATE UNIQUE INDEX ON mv (at);
            CREATE SEQUENCE s START 42 INCREMENT 7;
            SELECT nextval('s'), nextval('s');
            CREATE TABLE secret_rows (who text, what text);
            INSERT INTO secret_rows VALUES ('owner', 'x'), ('reader', 'y');
            ALTER TABLE secret_rows ENABLE ROW LEVEL SECURITY;
            ALTER TABLE secret_rows FORCE ROW LEVEL SECURITY;
            CREATE POLICY own ON secret_rows USING (who = current_user);
            GRANT SELECT (who) ON secret_rows TO "Reader ""one"" x" WITH GRANT OPTION;
            ALTER DEFAULT PRIVILEGES FOR ROLE owner GRANT SELECT ON TABLES TO "Reader ""one"" x";
            CREATE FUNCTION f(int) RETURNS int LANGUAGE plpgsql AS $f$ BEGIN RETURN $1 + 1; END $f$;
            CREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1';
            CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
            CREATE TYPE mood AS ENUM ('sad', 'ok', 'it''s');
            CREATE TYPE span AS RANGE (subtype = float8);
            CREATE DOMAIN short AS text CHECK (length(value) < 5);
            CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
            CREATE TRIGGER t BEFORE INSERT ON parts FOR EACH ROW EXECUTE FUNCTION t();
            CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
            CREATE EVENT TRIGGER et ON ddl_command_end EXECUTE FUNCTION e();
            COMMENT ON TABLE parts IS 'comment; with ''quotes'' and "more"';
            SELECT lo_from_bytea(4711, decode(repeat('00ff10', 50000), 'hex'));
            SELECT lo_from_bytea(4712, '');
            ALTER LARGE OBJECT 4711 OWNER TO owner;
            CREATE PUBLICATION pub FOR TABLE parts;
            CREATE EXTENSION postgres_fdw;
            CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '1', dbname 'it''s');
            CREATE USER MAPPING FOR owner SERVER elsewhere OPTIONS (user 'u', password 'p ''q''');
            CREATE FOREIGN TABLE far (n int) SERVER elsewhere;
            """;

    /** What comes out otherwise, or not at all, where a database's own settings do not count. */
    private static final String OF_ITS_SETTINGS = """
            CREATE TABLE moments AS
                SELECT '2026-01-01 00:00Z'::timestamptz + n * interval '1 hour' AS at FROM generate_series(1, 100) n;
            CREATE MATERIALIZED VIEW days AS SELECT at::date AS day, count(*) FROM moments GROUP BY 1 ORDER BY 1;
            """;

    private HardData() {}

    static void create(PostgresCluster cluster) {
        createLittle(cluster);
        for (String name : NAMES) {
            if (!name.equals("app")) {
                createDatabase(cluster, name);
            }
        }
        cluster.psql("postgres", "CREATE DATABASE pattern IS_TEMPLATE true CONNECTION LIMIT 5");
    }

    /** Only the first database, and one in another encoding: each one more takes seconds in each restore. */
    static void createLittle(PostgresCluster cluster) {
        cluster.psql("postgres", ROLES);
        createDatabase(cluster, "app");
        cluster.psql("postgres", "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
        cluster.psql("latin", "CREATE TABLE umlauts AS SELECT 'äöüß' AS t");
        cluster.psql("template1", "CREATE TABLE in_all_new_databases (id int)");
        cluster.psql("postgres", "ALTER DATABASE app SET timezone = 'Pacific/Auckland'");
        cluster.psql("app", OF_ITS_SETTINGS);
        cluster.psql("postgres", """
                ALTER DATABASE app SET work_mem = '7MB';
                ALTER DATABASE app SET search_path = "$user", public, "odd ""schema";
                ALTER DATABASE app SET my.setting = 'it''s; odd';
                ALTER DATABASE app SET default_transaction_read_only = on;
                ALTER ROLE owner IN DATABASE app SET statement_timeout = '1min';
                REVOKE ALL ON DATABASE app FROM PUBLIC;
                GRANT CONNECT ON DATABASE app TO "Reader ""one"" x" WITH GRANT OPTION;
                """);
    }

    private static void createDatabase(PostgresCluster cluster, String name) {
        String quoted = '"' + name.replace("\"", "\"\"") + '"';
        cluster.psql("postgres", "CREATE DATABASE " + quoted + " OWNER owner");
        cluster.psql(name, FULL.contains(name) ? CONTENT : "CREATE TABLE t AS SELECT 1 AS n");
        cluster.psql("postgres", "COMMENT ON DATABASE " + quoted + " IS 'it''s " + name.replace("'", "''") + "'");
    }

    /** Changes, drops and adds in all the ways that a restore has to undo. */
    static void ruin(PostgresCluster cluster) {
        ruinLittle(cluster);
        cluster.psql("postgres", """
                DROP DATABASE "dbname=postgres";
                ALTER DATABASE pattern IS_TEMPLATE false;
                DROP DATABASE pattern;
                """);
        cluster.psql("🐘 élan", "DROP SCHEMA public CASCADE");
    }

    /** The same for what {@link #createLittle} makes. */
    static void ruinLittle(PostgresCluster cluster) {
        cluster.psql("postgres", """
                ALTER DATABASE app SET default_transaction_read_only = off;
                ALTER DATABASE app RESET work_mem;
                GRANT ALL ON DATABASE app TO PUBLIC;
                ALTER ROLE owner SET work_mem = '9MB';
                ALTER ROLE owner SET lock_timeout = '9s';
                ALTER ROLE owner PASSWORD 'other';
                REVOKE ALL ON PARAMETER log_statement FROM owner CASCADE;
                ALTER ROLE owner SUPERUSER;
                GRANT owner TO "член";
                REVOKE "Reader ""one"" x" FROM "член";
                COMMENT ON ROLE "член" IS 'new';
                ALTER ROLE ALL RESET datestyle;
                ALTER ROLE ALL SET lock_timeout = '9s';
                """);
        cluster.psql(
                "app",
                "TRUNCATE parts; DROP TABLE secret_rows; UPDATE \"odd \"\"schema\".\"table; DROP\" SET t = 'x';"
                        + " SELECT lo_unlink(4711); SELECT nextval('s');");
        cluster.psql("template1", "DROP TABLE in_all_new_databases");
        cluster.psql("postgres", "CREATE TABLE not_in_the_backup (id int)");
    }
}
