package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.config.MariadbConfig;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What only MariaDB takes once, and does not take again just like that. */
class MariadbKindsTest extends SqlKinds {
    private static final Path DEBIANS_CLIENT = Path.of("/usr/bin/mariadb");
    private static final Path DEBIANS_DUMP = Path.of("/usr/bin/mariadb-dump");

    @Override
    HardSql start() {
        return HardMariadb.start();
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
        return "SELECT * FROM zoo.merged; SELECT * FROM zoo.kept FOR SYSTEM_TIME AS OF NOW(6)";
    }

    @Test
    void m1_columnsWhoseDefaultIsASequenceOfTheirOwnOrAnotherSchemaComeBack() throws Exception {
        server.sql("""
                CREATE DATABASE app; CREATE DATABASE work;
                CREATE SEQUENCE work.later START 5 INCREMENT 3; CREATE SEQUENCE app.own;
                CREATE TABLE app.t (a BIGINT DEFAULT NEXTVAL(app.own), b BIGINT DEFAULT (NEXTVAL(work.later) + 1), c INT);
                INSERT INTO app.t (c) VALUES (1), (2);
                CREATE TABLE work.v (n BIGINT DEFAULT NEXTVAL(app.own), t TEXT DEFAULT 'nextval(`app`.`own`)')
                    WITH SYSTEM VERSIONING;
                INSERT INTO work.v () VALUES ();
                """);
        assertComesBack();
        server.sql("INSERT INTO app.t (c) VALUES (3); INSERT INTO work.v () VALUES ()");
        assertThat(server.sql("SELECT COUNT(DISTINCT a), COUNT(DISTINCT b) FROM app.t"))
                .isEqualTo("3\t3");
        assertComesBack(dumpingWithLocks());
    }

    /** As dumps were until sequences were thought of. */
    private MariadbConfig dumpingWithLocks() throws IOException {
        Path tools = Files.createDirectory(directory.resolve("locks"));
        Files.createSymbolicLink(tools.resolve("mysql"), DEBIANS_CLIENT);
        executable(
                tools.resolve("mysqldump"),
                "for a; do shift; [ \"$a\" = --skip-add-locks ] || set -- \"$@\" \"$a\"; done; exec " + DEBIANS_DUMP
                        + " \"$@\"");
        return hard.withTools(tools.toString());
    }

    @Test
    void m3_serverThatEndsTheConnectionAndAnswersAtOnceIsNotAwaited() throws Exception {
        server.sql("CREATE DATABASE app; CREATE TABLE app.t (n INT); INSERT INTO app.t VALUES (1)");
        String before = hard.listing();
        MariadbConfig config = importingWith("""
                line=$(grep -n -m 1 'INSERT INTO' "$in" | cut -d : -f 1)
                [ -z "$line" ] || { echo "ERROR 2006 (HY000) at line $line: Server has gone away" >&2; exit 1; }
                """);
        try (RunningAgent agent = new RunningAgent(manager, config, directory, CrashPoints.none())) {
            manager.orderRestore(backup(), 24);
            JobFailure failure = failedRestore();
            assertThat(failure.code()).isEqualTo(FailureCode.RESTORE_FAILED);
            assertThat(failure.message()).contains("error 2006", "`app`.`t`");
            assertThat(failure.hint()).contains("max_allowed_packet");
            assertThat(hard.listing()).isEqualTo(before);
            assertNothingLeft(agent);
            assertNoneOfOursLeft();
        }
    }

    /** A client that does something first, with its input in {@code $in}. */
    private MariadbConfig importingWith(String script) throws IOException {
        Path tools = Files.createDirectories(directory.resolve("tools"));
        Files.createSymbolicLink(tools.resolve("mysqldump"), DEBIANS_DUMP);
        executable(
                tools.resolve("mysql"),
                // The one that stays connected, by which the agent asks for its node's role, has no end of its input.
                "case \" $* \" in *' --skip-reconnect '*) exec " + DEBIANS_CLIENT + " \"$@\";; esac\n"
                        + "in=$(mktemp -p '" + directory + "'); trap 'rm -f \"$in\"' EXIT; cat > \"$in\"\n" + script
                        + DEBIANS_CLIENT + " \"$@\" < \"$in\"\n");
        return hard.withTools(tools.toString());
    }

    private static void executable(Path file, String script) throws IOException {
        Files.writeString(file, "#!/bin/bash\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void assertNoneOfOursLeft() {
        assertThat(server.sql("SHOW DATABASES LIKE 'holdfast%'")).isEmpty();
        assertThat(server.sql("SELECT COUNT(*) FROM mysql.global_priv WHERE JSON_VALUE(Priv, '$.account_locked') = 1"
                        + " AND User NOT IN ('mariadb.sys', 'locked')"))
                .isEqualTo("0");
        assertThat(server.sql("SELECT @@GLOBAL.event_scheduler")).isEqualTo("ON");
    }

    @Test
    void m4_filesInASchemasFolderAreNeitherInTheWayNorTouched() throws Exception {
        server.sql("CREATE DATABASE app; CREATE TABLE app.t (n INT); INSERT INTO app.t VALUES (1);"
                + " CREATE DATABASE work; USE app; SELECT 'mine' INTO OUTFILE 'export.txt'");
        Path file = Path.of(server.sql("SELECT @@datadir"), "app", "export.txt");
        String before = hard.listing();
        try (RunningAgent agent = agent()) {
            String backup = backup();
            server.sql("INSERT INTO app.t VALUES (2)");
            manager.orderRestore(backup, 0);
            restored();
            assertThat(hard.listing()).isEqualTo(before);
            assertThat(file).content().isEqualTo("mine\n");
            server.sql("DROP TABLE app.t; CREATE VIEW app.t AS SELECT 1");
            manager.orderRestore(backup, 0);
            restored();
            assertThat(hard.listing()).isEqualTo(before);
            assertNothingLeft(agent);
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void m5_rowsAndTablesThatWereMadeWhileChecksWereOffComeBack() throws Exception {
        server.sql("""
                SET sql_mode = '', check_constraint_checks = 0, foreign_key_checks = 0, innodb_strict_mode = 0;
                CREATE DATABASE app; CREATE DATABASE work; USE app;
                CREATE TABLE checked (n INT CHECK (n > 0), m INT, CONSTRAINT both_ CHECK (m > n));
                INSERT INTO checked VALUES (-1, -2);
                CREATE TABLE parent (id INT PRIMARY KEY); CREATE TABLE child (p INT, FOREIGN KEY (p) REFERENCES parent (id));
                INSERT INTO child VALUES (7);
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
        server.sql("CREATE TABLE app.lost (id INT PRIMARY KEY); INSERT INTO app.lost VALUES (1)");
        assertThat(server.sql("SET foreign_key_checks = 1; INSERT INTO work.orphan VALUES (1, NULL);"
                        + " SELECT COUNT(*) FROM work.orphan"))
                .isEqualTo("1");
    }

    @Test
    void m6_rolesWithRolesAreAsTheBackupHasThem() throws Exception {
        server.sql("""
                CREATE DATABASE app; CREATE TABLE app.t (n INT, m INT); CREATE PROCEDURE app.p() SELECT 1;
                CREATE ROLE readers; CREATE ROLE `Writers ``of`` x`; CREATE USER app@'%';
                GRANT readers TO holdfast@'127.0.0.1' WITH ADMIN OPTION;
                GRANT `Writers ``of`` x` TO holdfast@'127.0.0.1' WITH ADMIN OPTION;
                GRANT SELECT ON app.* TO readers; GRANT readers TO `Writers ``of`` x`; GRANT INSERT (n) ON app.t TO readers;
                GRANT `Writers ``of`` x` TO app@'%';
                """);
        String before = hard.listing();
        try (RunningAgent agent = agent()) {
            String backup = backup();
            server.sql("""
                    GRANT UPDATE, DELETE ON app.* TO `Writers ``of`` x` WITH GRANT OPTION; GRANT SELECT ON *.* TO readers;
                    GRANT EXECUTE ON PROCEDURE app.p TO `Writers ``of`` x`; GRANT SELECT (n, m) ON app.t TO readers;
                    REVOKE SELECT ON app.* FROM readers; GRANT readers TO `Writers ``of`` x` WITH ADMIN OPTION;
                    """);
            assertThat(hard.listing()).isNotEqualTo(before);
            manager.orderRestore(backup, 0);
            restored();
            assertThat(hard.listing()).isEqualTo(before);
            assertNothingLeft(agent);
        } finally {
            server.sql("REVOKE readers FROM holdfast@'127.0.0.1'; REVOKE `Writers ``of`` x` FROM holdfast@'127.0.0.1'");
        }
    }

    @Test
    void m7_foldersThatAreNoSchemasAreNone() throws Exception {
        server.sql("CREATE DATABASE app; CREATE TABLE app.t (n INT)");
        Path data = Path.of(server.sql("SELECT @@datadir"));
        List<Path> folders = List.of(data.resolve(".ssh"), data.resolve("lost+found"), data.resolve("my backup"));
        for (Path folder : folders) {
            Files.createDirectory(folder);
        }
        try {
            try (RunningAgent agent = agent()) {
                String backup = backup();
                hard.lose();
                manager.orderRestore(backup, 0);
                assertThat(restored().restored()).containsExactly("app");
                assertNothingLeft(agent);
            }
        } finally {
            for (Path folder : folders) {
                Files.delete(folder);
            }
        }
    }

    @Test
    void tablesWhoseHistoryIsNotKeptAreNoted() throws Exception {
        server.sql(
                "CREATE DATABASE app; CREATE TABLE app.plain (n INT); CREATE TABLE app.kept (n INT) WITH SYSTEM VERSIONING;"
                        + " INSERT INTO app.kept VALUES (1)");
        try (RunningAgent agent = agent()) {
            assertThat(manager.result(backup()).notes())
                    .singleElement()
                    .asString()
                    .contains("`app`.`kept`", "time of the restore")
                    .doesNotContain("plain");
            assertNothingLeft(agent);
        }
    }

    @Test
    void eventsThatTheDumpProgramCannotWriteAreNamed() throws Exception {
        server.sql("CREATE DATABASE app; CREATE TABLE app.t (n INT)");
        String event = "CREATE EVENT app.`twice;` ON SCHEDULE EVERY 1 YEAR COMMENT ';' DO SELECT 1";
        try (RunningAgent agent = agent()) {
            String backup = backup();
            server.sql(event);
            manager.orderBackup();
            JobFailure failure = (JobFailure) manager.report();
            assertThat(failure.code()).isEqualTo(FailureCode.DUMP_FAILED);
            assertThat(failure.message()).contains("`app`.`twice;`");
            manager.orderRestore(backup, 0);
            assertThat(failedRestore().message()).contains("`app`.`twice;`");
            server.sql("DROP EVENT app.`twice;`");
            manager.orderRestore(backup, 0);
            restored();
            assertNothingLeft(agent);
        }
    }

    @Test
    void dataComesBackWhereTheServerQuotesNoNamesAndKeepsNoErrors() throws Exception {
        server.sql(
                "CREATE DATABASE work; CREATE DATABASE app CHARACTER SET latin1 COLLATE latin1_german1_ci COMMENT 'app'; USE app;"
                        + " CREATE TABLE t (n INT); CREATE SEQUENCE s; CREATE SEQUENCE `odd ``s;`; CREATE VIEW z AS SELECT n FROM t;"
                        + " CREATE VIEW a AS SELECT n FROM z WITH CHECK OPTION; CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET @x = 1; CREATE FUNCTION f() RETURNS INT RETURN 1;"
                        + " CREATE EVENT e ON SCHEDULE EVERY 1 YEAR STARTS '2030-01-01' DO SELECT 1;"
                        + " SET GLOBAL sql_quote_show_create = 0, GLOBAL max_error_count = 0");
        try {
            assertComesBack();
        } finally {
            server.sql("SET GLOBAL sql_quote_show_create = DEFAULT, GLOBAL max_error_count = DEFAULT");
        }
    }

    private static final String ZOO = """
            CREATE TABLE `t.a``b` (`a.b` INT, `é ``;` INT INVISIBLE DEFAULT 3, c CHAR(1) DEFAULT '"');
            INSERT INTO `t.a``b` VALUES (1, ';'), (2, '`'); CREATE TABLE `Zoo` (n INT); CREATE TABLE `zoo` (n INT);
            CREATE TABLE aria (n INT) ENGINE=Aria; INSERT INTO aria VALUES (1);
            CREATE TABLE csv (n INT NOT NULL, t TEXT NOT NULL) ENGINE=CSV; INSERT INTO csv VALUES (1, 'a"b\\n');
            CREATE TABLE memory (n INT) ENGINE=MEMORY; INSERT INTO memory SELECT seq FROM seq_1_to_100;
            CREATE TABLE m1 (n INT) ENGINE=MyISAM; CREATE TABLE m2 (n INT) ENGINE=MyISAM; INSERT INTO m1 VALUES (1);
            CREATE TABLE merged (n INT) ENGINE=MERGE UNION=(m1, m2) INSERT_METHOD=LAST; INSERT INTO merged VALUES (2);
            CREATE TABLE app.merged (n INT) ENGINE=MERGE UNION=(zoo.m1, zoo.m2);
            CREATE TABLE paged (n INT PRIMARY KEY, t LONGTEXT COMPRESSED) PAGE_COMPRESSED=1; INSERT INTO paged VALUES (1, REPEAT('x', 9999));
            CREATE TABLE small (n INT PRIMARY KEY, t TEXT) ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=4; INSERT INTO small VALUES (1, 'x');
            CREATE TABLE kept (n INT, m INT WITHOUT SYSTEM VERSIONING) WITH SYSTEM VERSIONING PARTITION BY SYSTEM_TIME
                (PARTITION p0 HISTORY, PARTITION p1 CURRENT); INSERT INTO kept VALUES (1, 1); UPDATE kept SET n = 2;
            CREATE TABLE period (a DATE, b DATE, id INT, PERIOD FOR p (a, b), PRIMARY KEY (id, p WITHOUT OVERLAPS));
            INSERT INTO period VALUES ('2020-01-01', '2020-02-01', 1);
            CREATE TABLE functions (u UUID DEFAULT UUID(), d DATETIME DEFAULT (NOW() - INTERVAL 1 DAY), j JSON DEFAULT (JSON_OBJECT('a', 1)),
                v INT AS (LENGTH(j)) VIRTUAL, s CHAR(10) AS (CONCAT('`app`.`', 'x')) STORED, KEY (v), FULLTEXT KEY (s));
            INSERT INTO functions (u) VALUES (DEFAULT);
            CREATE TABLE places (g POINT REF_SYSTEM_ID=4326 NOT NULL, SPATIAL KEY (g)); INSERT INTO places VALUES (POINT(1, 2));
            CREATE TABLE ring_a (id INT PRIMARY KEY, b INT); CREATE TABLE ring_b (id INT PRIMARY KEY, a INT REFERENCES ring_a (id));
            ALTER TABLE ring_a ADD CONSTRAINT `out``1` FOREIGN KEY (b) REFERENCES ring_b (id); INSERT INTO ring_a VALUES (1, NULL);
            CREATE TABLE app.over_there (r INT REFERENCES zoo.ring_a (id)); INSERT INTO app.over_there VALUES (1);
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
            SET sql_mode = 'ORACLE'//
            CREATE PACKAGE pkg AS FUNCTION a RETURN INT; END//
            CREATE PACKAGE BODY pkg AS FUNCTION a RETURN INT AS BEGIN RETURN 1; END; END//
            CREATE PROCEDURE ora(p IN OUT INT) AS BEGIN p := 1; END//
            SET sql_mode = ''//
            SET NAMES latin1//
            CREATE PROCEDURE latin() SELECT '\u00e9'//
            SET NAMES utf8mb4//
            ALTER DATABASE zoo CHARACTER SET latin1//
            CREATE FUNCTION f(x TEXT) RETURNS TEXT DETERMINISTIC RETURN x//
            ALTER DATABASE zoo CHARACTER SET utf8mb4 COLLATE utf8mb4_bin//
            CREATE FUNCTION g(x TEXT) RETURNS TEXT DETERMINISTIC RETURN x//
            CREATE DEFINER=nobody@nowhere TRIGGER zoo.second BEFORE INSERT ON zoo.aria FOR EACH ROW SET NEW.n = 2//
            CREATE TRIGGER first BEFORE INSERT ON aria FOR EACH ROW PRECEDES second BEGIN SET @x = ';;'; END//
            CREATE TRIGGER IF NOT EXISTS `third ``` BEFORE INSERT ON `t.a``b` FOR EACH ROW SET @zoo = 'ON zoo.x'//
            CREATE EVENT zoo.tick ON SCHEDULE EVERY 1 YEAR ON COMPLETION PRESERVE ENABLE COMMENT 'PRESERVE ENABLE' DO SET @x = 1//
            CREATE EVENT off ON SCHEDULE EVERY 1 YEAR STARTS '2030-01-01' ENDS '2031-01-01' DISABLE DO BEGIN SELECT 1; END//
            DELIMITER ;
            """;
}
