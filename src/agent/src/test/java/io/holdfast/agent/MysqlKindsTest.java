package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.config.MariadbConfig;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What only MySQL takes once, and does not take again just like that. */
@Tag("other-release")
class MysqlKindsTest extends SqlKinds {
    @Override
    HardSql start() {
        return HardMysql.start();
    }

    @Override
    String zoo() {
        return ZOO;
    }

    @Override
    String zooRoutines() {
        return ZOO_ROUTINES;
    }

    @Override
    String besidesDumps() {
        return "SELECT SCHEMA_NAME, TABLE_NAME, COLUMN_NAME, JSON_EXTRACT(HISTOGRAM, '$.buckets')"
                + " FROM information_schema.COLUMN_STATISTICS WHERE SCHEMA_NAME IN ('app', 'zoo') ORDER BY 1, 2, 3";
    }

    @Override
    void moreViews() {
        server.sql(
                "CREATE JSON RELATIONAL DUALITY VIEW app.dual_ AS SELECT JSON_DUALITY_OBJECT('_id': k, 'n': n) FROM app.t");
    }

    @Test
    void rowsAndTablesThatWereMadeWhileChecksWereOffComeBack() throws Exception {
        server.sql("""
                SET sql_mode = 'ALLOW_INVALID_DATES', foreign_key_checks = 0, innodb_strict_mode = 0,
                    restrict_fk_on_non_standard_key = 0, explicit_defaults_for_timestamp = 0;
                CREATE DATABASE app; CREATE DATABASE work; USE app;
                CREATE TABLE unchecked (n INT, CONSTRAINT off_ CHECK (n > 0) NOT ENFORCED); INSERT INTO unchecked VALUES (-1);
                CREATE TABLE parent (id INT PRIMARY KEY); CREATE TABLE child (p INT, FOREIGN KEY (p) REFERENCES parent (id));
                INSERT INTO child VALUES (7);
                CREATE TABLE half (a INT, b INT, KEY (a, b)); CREATE TABLE of_half (a INT, FOREIGN KEY (a) REFERENCES half (a));
                CREATE TABLE lost (id INT PRIMARY KEY); CREATE TABLE work.orphan (p INT, q INT,
                    CONSTRAINT k1 FOREIGN KEY (p) REFERENCES app.lost (id), CONSTRAINT k2 FOREIGN KEY (q) REFERENCES nowhere (id));
                DROP TABLE lost;
                CREATE TABLE dates (d DATE NOT NULL DEFAULT '0000-00-00', t TIMESTAMP NOT NULL DEFAULT '0000-00-00 00:00:00',
                    e ENUM('a', 'b'), i TINYINT);
                INSERT INTO dates VALUES ('2020-02-31', '0000-00-00', 'none', 999), ('0000-00-00', '2020-01-01', 'a', 1);
                CREATE TABLE numbered (id INT AUTO_INCREMENT PRIMARY KEY); SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO';
                INSERT INTO numbered VALUES (0), (5);
                CREATE TABLE wide (a VARCHAR(4000), b VARCHAR(4000), c CHAR(255), d CHAR(255)) ROW_FORMAT=COMPACT KEY_BLOCK_SIZE=16
                    CHARACTER SET latin1;
                SET GLOBAL innodb_strict_mode = 1;
                """);
        assertComesBack();
        assertThat(server.sql("SELECT d FROM app.dates")).isEqualTo("2020-02-31\n0000-00-00");
        server.sql("CREATE TABLE app.lost (id INT PRIMARY KEY); INSERT INTO app.lost VALUES (1)");
        assertThat(server.sql("SET foreign_key_checks = 1; INSERT INTO work.orphan VALUES (1, NULL);"
                        + " SELECT COUNT(*) FROM work.orphan"))
                .isEqualTo("1");
    }

    /** What a server demands of tables that users make is not demanded of those that it has. */
    @Test
    void tablesWithoutKeysComeBackWhereKeysAreDemandedOrMade() throws Exception {
        server.sql("""
                CREATE DATABASE app; CREATE TABLE app.bare (n INT); INSERT INTO app.bare VALUES (1), (1);
                SET sql_generate_invisible_primary_key = 1; CREATE TABLE app.made (n INT); INSERT INTO app.made VALUES (1), (1);
                SET GLOBAL sql_require_primary_key = 1; SET GLOBAL sql_generate_invisible_primary_key = 1;
                """);
        try {
            String before = server.dumpAll();
            try (RunningAgent agent = agent()) {
                String backup = backup();
                hard.lose();
                manager.orderRestore(backup, 0);
                restored();
                assertThat(server.dumpAll()).isEqualTo(before);
                server.sql("SET GLOBAL show_gipk_in_create_table_and_information_schema = 0");
                manager.orderBackup();
                assertThat(((JobFailure) manager.report()).message()).contains("show_gipk");
                assertNothingLeft(agent);
            }
        } finally {
            server.sql("SET GLOBAL sql_require_primary_key = 0; SET GLOBAL sql_generate_invisible_primary_key = 0;"
                    + " SET GLOBAL show_gipk_in_create_table_and_information_schema = 1");
        }
    }

    @Test
    void serverIsRefusedByTheOtherProductsKind() throws Exception {
        Path tools = Files.createDirectory(directory.resolve("tools"));
        Files.createSymbolicLink(tools.resolve("mariadb"), Path.of("/usr/bin/mysql"));
        Files.writeString(tools.resolve("mariadb-dump"), "#!/bin/sh\necho 'Ver 10.19 Distrib 10.11.14-MariaDB'\n");
        Files.setPosixFilePermissions(tools.resolve("mariadb-dump"), PosixFilePermissions.fromString("rwxr-xr-x"));
        MariadbConfig plain = hard.config();
        for (List<String> folders : List.of(List.of(tools.toString()), plain.toolDirectories())) {
            MariadbConfig other = new MariadbConfig(
                    "mariadb",
                    plain.host(),
                    plain.port(),
                    plain.user(),
                    plain.password(),
                    null,
                    List.of(),
                    folders,
                    plain.idleTimeout(),
                    plain.toolTimeout());
            try (RunningAgent agent = new RunningAgent(manager, other, directory, CrashPoints.none())) {
                manager.orderBackup();
                JobFailure failure = (JobFailure) manager.report();
                assertThat(failure.code())
                        .as(failure.message())
                        .isIn(FailureCode.ENGINE_INCOMPATIBLE, FailureCode.TOOL_VERSION);
                assertThat(failure.hint()).contains("kind", "mysql");
                assertNothingLeft(agent);
            }
        }
    }

    private static final String ZOO = """
            CREATE TABLE `t.a``b` (`a.b` INT, `é ``;` INT INVISIBLE DEFAULT 3, c CHAR(1) DEFAULT '"');
            INSERT INTO `t.a``b` VALUES (1, ';'), (2, '`'); CREATE TABLE `Zoo` (n INT); CREATE TABLE `zoo` (n INT);
            CREATE TABLE csv (n INT NOT NULL, t TEXT NOT NULL) ENGINE=CSV; INSERT INTO csv VALUES (1, 'a"b\\n');
            CREATE TABLE memory (n INT) ENGINE=MEMORY; INSERT INTO memory VALUES (1), (2);
            CREATE TABLE m1 (n INT) ENGINE=MyISAM; CREATE TABLE m2 (n INT) ENGINE=MyISAM; INSERT INTO m1 VALUES (1);
            CREATE TABLE merged (n INT) ENGINE=MERGE UNION=(m1, m2) INSERT_METHOD=LAST; INSERT INTO merged VALUES (2);
            CREATE TABLE app.merged (n INT) ENGINE=MERGE UNION=(zoo.m1, zoo.m2);
            CREATE TABLE small (n INT PRIMARY KEY, t TEXT) ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=4; INSERT INTO small VALUES (1, 'x');
            CREATE TABLE functions (u CHAR(36) DEFAULT (UUID()), d DATETIME DEFAULT (NOW() - INTERVAL 1 DAY),
                j JSON DEFAULT (JSON_OBJECT('a', 1)), v INT AS (LENGTH(j)) VIRTUAL, s CHAR(10) AS (CONCAT('`app`.`', 'x')) STORED,
                KEY (v), FULLTEXT KEY (s) WITH PARSER ngram, KEY down (d DESC), UNIQUE KEY of_ ((LOWER(u)), (v + 1)));
            INSERT INTO functions (u) VALUES (DEFAULT);
            CREATE TABLE places (g POINT NOT NULL SRID 4326, p POLYGON SRID 0, SPATIAL KEY (g));
            INSERT INTO places VALUES (ST_GeomFromText('POINT(45 9)', 4326), NULL);
            CREATE TABLE counted (n INT, s VARCHAR(20)); INSERT INTO counted VALUES (1, 'a'), (2, 'b'), (2, 'it''s');
            ANALYZE TABLE counted UPDATE HISTOGRAM ON n, s WITH 4 BUCKETS;
            CREATE TABLE parts (n INT, d DATE) PARTITION BY RANGE COLUMNS (d) SUBPARTITION BY HASH (n) SUBPARTITIONS 2
                (PARTITION a VALUES LESS THAN ('2020-01-01'), PARTITION b VALUES LESS THAN (MAXVALUE));
            INSERT INTO parts VALUES (1, '2019-01-01'), (2, '2021-01-01');
            CREATE TABLE zipped (n INT, t TEXT) COMPRESSION='zlib'; INSERT INTO zipped VALUES (1, REPEAT('x', 9999));
            CREATE TABLE attributed (n INT SECONDARY_ENGINE_ATTRIBUTE='{"a": 1}', u INT COLUMN_FORMAT DYNAMIC COMMENT 'it''s')
                SECONDARY_ENGINE_ATTRIBUTE='{"b": "`app`.`x`"}' AUTOEXTEND_SIZE=4M;
            CREATE TABLE ring_a (id INT PRIMARY KEY, b INT); CREATE TABLE ring_b (id INT PRIMARY KEY, a INT,
                FOREIGN KEY (a) REFERENCES ring_a (id));
            ALTER TABLE ring_a ADD CONSTRAINT `out``1` FOREIGN KEY (b) REFERENCES ring_b (id) ON DELETE RESTRICT;
            INSERT INTO ring_a VALUES (1, NULL);
            CREATE TABLE app.over_there (r INT, FOREIGN KEY (r) REFERENCES zoo.ring_a (id)); INSERT INTO app.over_there VALUES (1);
            CREATE VIEW app.`zoo` AS SELECT zoo.id, app.b AS `app` FROM zoo.ring_a zoo JOIN zoo.ring_a app ON zoo.id = app.id;
            CREATE ALGORITHM=MERGE SQL SECURITY INVOKER VIEW app.cross_ AS SELECT r.*, o.r FROM zoo.ring_a r LEFT JOIN app.over_there o
                ON o.r = r.id WHERE EXISTS (SELECT 1 FROM zoo.csv) AND '`zoo`.`x`' <> '';
            """;

    private static final String ZOO_ROUTINES = """
            DELIMITER //
            SET sql_mode = 'NO_BACKSLASH_ESCAPES'//
            CREATE FUNCTION quoted() RETURNS VARCHAR(20) DETERMINISTIC RETURN 'a\''b'//
            SET sql_mode = 'ANSI_QUOTES'//
            CREATE PROCEDURE "p;"() BEGIN SELECT "n" FROM "Zoo"; SELECT 'it''s;'; /* it's; */ -- don't
                # "neither
                END//
            SET sql_mode = ''//
            CREATE LIBRARY lib COMMENT 'it''s' LANGUAGE JAVASCRIPT AS $it$ export function f(n) { return "it's;; $$ `" } /* $it$//
            SET NAMES latin1//
            CREATE PROCEDURE latin() SELECT '\u00e9'//
            SET NAMES utf8mb4//
            ALTER DATABASE zoo CHARACTER SET latin1//
            CREATE FUNCTION f(x TEXT) RETURNS TEXT DETERMINISTIC RETURN x//
            ALTER DATABASE zoo CHARACTER SET utf8mb4 COLLATE utf8mb4_bin//
            CREATE FUNCTION g(x TEXT) RETURNS TEXT DETERMINISTIC RETURN x//
            CREATE DEFINER=nobody@nowhere TRIGGER zoo.second BEFORE INSERT ON zoo.counted FOR EACH ROW SET NEW.n = 2//
            CREATE TRIGGER first BEFORE INSERT ON counted FOR EACH ROW PRECEDES second BEGIN SET @x = ';;'; END//
            CREATE TRIGGER IF NOT EXISTS `third ``` BEFORE INSERT ON `t.a``b` FOR EACH ROW SET @zoo = 'ON zoo.x'//
            CREATE EVENT zoo.tick ON SCHEDULE EVERY 1 YEAR ON COMPLETION PRESERVE ENABLE COMMENT 'PRESERVE ENABLE' DO SET @x = 1//
            CREATE EVENT off ON SCHEDULE EVERY 1 YEAR STARTS '2030-01-01' ENDS '2031-01-01' DISABLE DO BEGIN SELECT 1; END//
            CREATE EVENT elsewhere ON SCHEDULE EVERY 1 YEAR DISABLE ON REPLICA DO SELECT 1//
            DELIMITER ;
            """;
}
