package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.config.AdapterConfig;
import io.holdfast.agent.config.MariadbConfig;
import io.holdfast.agent.process.Command;
import io.holdfast.format.json.Json;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Hello;
import io.holdfast.protocol.JobFailure;
import io.holdfast.testbed.MariadbServer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The contract against a real MariaDB, and what only MariaDB has. */
class MariadbTest extends ServerContract {
    private static final String AGENT = "holdfast";
    private static final String PASSWORD = "of the agent: \"quoted\" \\ # ; and 'more'";

    /** As the adapter's page gives it. */
    private static final String AGENT_USER =
            """
            CREATE USER holdfast@'127.0.0.1' IDENTIFIED BY '%s';
            GRANT ALL PRIVILEGES ON *.* TO holdfast@'127.0.0.1' WITH GRANT OPTION;
            """.formatted(PASSWORD.replace("\\", "\\\\").replace("'", "\\'"));

    private static final String ACCOUNTS = """
            CREATE ROLE readers;
            CREATE ROLE `Writers ``of`` x`;
            CREATE USER app@'%' IDENTIFIED BY 'secret of the app' WITH MAX_USER_CONNECTIONS 30;
            CREATE USER `it's "odd"`@`10.0.%` IDENTIFIED VIA unix_socket REQUIRE SSL;
            CREATE USER locked@localhost ACCOUNT LOCK PASSWORD EXPIRE;
            CREATE USER gone@'%';
            GRANT SELECT, SHOW VIEW ON app.* TO readers;
            GRANT readers TO `Writers ``of`` x` WITH ADMIN OPTION;
            GRANT readers TO app@'%';
            SET DEFAULT ROLE readers FOR app@'%';
            GRANT ALL ON app.* TO app@'%' WITH GRANT OPTION;
            GRANT ALL ON work.* TO app@'%';
            GRANT UPDATE (t), INSERT ON `odd ``schema``; DROP`.`table 'x'` TO gone@'%';
            """;

    private static final String CONTENT = """
            CREATE DATABASE app CHARACTER SET latin1 COLLATE latin1_german1_ci;
            CREATE DATABASE `odd ``schema``; DROP` CHARACTER SET utf8mb4;
            CREATE DATABASE `-dash`;
            CREATE DATABASE empty COMMENT 'it''s empty';
            CREATE DATABASE work;
            CREATE TABLE work.a (n BIGINT PRIMARY KEY) ENGINE=InnoDB;
            CREATE TABLE work.b (n BIGINT PRIMARY KEY) ENGINE=InnoDB;
            USE app;
            CREATE TABLE parents (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(50) CHARACTER SET utf8mb4,
                longer TEXT CHARACTER SET utf8mb4 AS (CONCAT(name, name)) STORED, UNIQUE (name)) COMMENT 'comment; with ''quotes''';
            INSERT INTO parents (name) VALUES ('élan 🐘'), ('line\\nbreak \\t tab \\\\'), (NULL), (''), ('-- Dump completed');
            CREATE TABLE children (parent INT NOT NULL, at TIMESTAMP(6) NULL, d DATETIME, j JSON, g GEOMETRY,
                b BIT(13), dec_ DECIMAL(65, 30), f DOUBLE, e ENUM('a', 'it''s'), s SET('x', 'y'), u UUID, i INET6,
                FOREIGN KEY (parent) REFERENCES parents (id) ON DELETE CASCADE);
            INSERT INTO children VALUES (1, '2026-03-29 02:30:00.123456', '0000-00-00 00:00:00', '{"a": [1, null]}',
                ST_GeomFromText('POINT(1 2)'), b'1010101010101', 12345678901234567890.123456789, 1e-300, 'it''s', 'x,y',
                UUID(), '2001:db8::1'), (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
            CREATE TABLE huge (id INT PRIMARY KEY, b LONGBLOB) ENGINE=InnoDB;
            INSERT INTO huge VALUES (1, REPEAT(UNHEX('0027225C0A0DFF1A'), 500000)), (2, ''), (3, NULL);
            CREATE TABLE numbers (n INT PRIMARY KEY) PARTITION BY RANGE (n) (PARTITION p0 VALUES LESS THAN (50),
                PARTITION p1 VALUES LESS THAN MAXVALUE);
            INSERT INTO numbers SELECT seq FROM seq_1_to_1000;
            CREATE TABLE old_engine (t TEXT) ENGINE=MyISAM;
            INSERT INTO old_engine VALUES ('x');
            CREATE SEQUENCE s START 42 INCREMENT 7;
            SELECT NEXTVAL(s);
            CREATE VIEW v AS SELECT p.name, c.j FROM parents p JOIN children c ON c.parent = p.id;
            CREATE VIEW `over` AS SELECT * FROM v;
            DELIMITER //
            CREATE DEFINER=gone@'%' FUNCTION f(x INT) RETURNS INT DETERMINISTIC COMMENT 'USE `app`;' RETURN x + 1//
            CREATE PROCEDURE p() BEGIN SELECT 'USE `mysql`;
            -- Dump completed'; END//
            CREATE TRIGGER t BEFORE INSERT ON parents FOR EACH ROW BEGIN SET NEW.name = CONCAT(NEW.name, '!'); END//
            CREATE TRIGGER t2 AFTER INSERT ON parents FOR EACH ROW SET @x = 1//
            CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS '2026-01-01 00:00:00' DISABLE DO DELETE FROM numbers//
            DELIMITER ;
            USE `odd ``schema``; DROP`;
            CREATE TABLE `table 'x'` (t TEXT, `column "y"` INT, p INT, FOREIGN KEY (p) REFERENCES app.parents (id));
            INSERT INTO `table 'x'` VALUES ('🐘', 1, 1);
            """;

    private MariadbServer server;

    @BeforeAll
    void startServer() {
        server = MariadbServer.start();
        server.sql(AGENT_USER);
    }

    @AfterAll
    void stopServer() {
        server.close();
    }

    @Override
    AdapterConfig config() {
        return config(AGENT, PASSWORD, List.of(), MariadbConfig.DEFAULT_TOOL_DIRECTORIES);
    }

    @Override
    AdapterConfig withPassword(String password) {
        return config(AGENT, password, List.of(), MariadbConfig.DEFAULT_TOOL_DIRECTORIES);
    }

    @Override
    AdapterConfig withTools(Path folder) {
        return config(AGENT, PASSWORD, List.of(), List.of(folder.toString()));
    }

    private MariadbConfig config(String user, String password, List<String> schemas, List<String> tools) {
        return new MariadbConfig(
                server.host(),
                server.port(),
                user,
                password,
                null,
                schemas,
                tools,
                Duration.ofMinutes(1),
                Command.UNLIMITED);
    }

    @Override
    String page() {
        return "mariadb";
    }

    @Override
    void fill() {
        lose();
        server.sql(
                "DROP DATABASE IF EXISTS newer; DROP DATABASE IF EXISTS large; DROP USER IF EXISTS added@localhost;");
        server.sql(CONTENT);
        server.sql(ACCOUNTS);
    }

    @Override
    void change() {
        lose();
        server.sql("""
                CREATE OR REPLACE DATABASE app;
                CREATE TABLE app.parents (other INT);
                CREATE TABLE app.added (other INT);
                INSERT INTO app.added VALUES (1);
                CREATE OR REPLACE DATABASE work;
                CREATE TABLE work.a (n BIGINT PRIMARY KEY) ENGINE=InnoDB;
                CREATE TABLE work.b (n BIGINT PRIMARY KEY) ENGINE=InnoDB;
                CREATE OR REPLACE USER app@'%' IDENTIFIED BY 'secret of the app';
                GRANT ALL ON work.* TO app@'%';
                CREATE OR REPLACE USER locked@localhost;
                """);
    }

    @Override
    void lose() {
        server.sql("""
                SET foreign_key_checks = 0;
                DROP DATABASE IF EXISTS app; DROP DATABASE IF EXISTS `odd ``schema``; DROP`;
                DROP DATABASE IF EXISTS `-dash`; DROP DATABASE IF EXISTS empty; DROP DATABASE IF EXISTS work;
                DROP USER IF EXISTS app@'%', `it's "odd"`@`10.0.%`, locked@localhost, gone@'%';
                DROP ROLE IF EXISTS readers, `Writers ``of`` x`;
                """);
    }

    @Override
    String listing() {
        return server.dumpAll("work") + server.accounts(AGENT);
    }

    /** The client's output has it as it is. */
    @Test
    void accountWithACarriageReturnInItsNameComesBack() throws Exception {
        fill();
        try (RunningAgent _ = agent()) {
            server.sql("CREATE USER 'carriage\rreturn'@localhost");
            String before = listing();
            String backup = backup();
            server.sql("DROP USER 'carriage\rreturn'@localhost");
            assertThat(listing()).isNotEqualTo(before);
            manager.orderRestore(backup, 0);
            restored();
            assertThat(listing()).isEqualTo(before);
        } finally {
            server.sql("DROP USER IF EXISTS 'carriage\rreturn'@localhost");
        }
    }

    @Override
    void spoil() {
        server.sql("DROP VIEW app.`over`");
    }

    @Override
    void garble(Path staged) throws IOException {
        Path file = staged.resolve("data.sql");
        byte[] good = Files.readAllBytes(file);
        String text = new String(good, StandardCharsets.ISO_8859_1);
        int middle = text.indexOf("CREATE TABLE `numbers`");
        Files.writeString(file, text.substring(0, middle) + "THIS IS NO SQL;\n", StandardCharsets.ISO_8859_1);
    }

    @Override
    Map<String, String> environmentByHand() {
        return Map.of(
                "MYSQL_HOST",
                server.host(),
                "MYSQL_TCP_PORT",
                Integer.toString(server.port()),
                "DB_USER",
                AGENT,
                "MYSQL_PWD",
                PASSWORD);
    }

    @Override
    void kill() {
        server.kill();
    }

    @Override
    void restart() {
        server.restart();
    }

    @Override
    void fillLarge() {
        server.sql("CREATE DATABASE large; USE large; CREATE TABLE t (b LONGBLOB);"
                + " INSERT INTO t SELECT RANDOM_BYTES(1000) FROM seq_1_to_40000;");
    }

    @Override
    Writer writer() throws IOException {
        Process client = new ProcessBuilder(
                        "mariadb",
                        "--no-defaults",
                        "--protocol=tcp",
                        "--host=" + server.host(),
                        "--port=" + server.port(),
                        "--user=app",
                        "--password=secret of the app",
                        "--unbuffered",
                        "--batch",
                        "--skip-column-names",
                        "--skip-reconnect")
                .start();
        var answers = client.inputReader();
        OutputStream statements = client.getOutputStream();
        return new Writer() {
            @Override
            public void write(long number) throws IOException {
                statements.write(("BEGIN; INSERT INTO work.a VALUES (" + number + "); INSERT INTO work.b VALUES ("
                                + number + "); COMMIT; SELECT 1;\n")
                        .getBytes(StandardCharsets.UTF_8));
                statements.flush();
                if (answers.readLine() == null) {
                    throw new IOException("the connection is lost");
                }
            }

            @Override
            public void close() {
                client.destroyForcibly().onExit().join();
            }
        };
    }

    @Override
    List<Long> written() {
        assertThat(server.sql("SELECT COUNT(*) FROM work.a LEFT JOIN work.b USING (n) WHERE b.n IS NULL"))
                .isEqualTo("0");
        assertThat(server.sql("SELECT COUNT(*) FROM work.b LEFT JOIN work.a USING (n) WHERE a.n IS NULL"))
                .isEqualTo("0");
        return server.sql("SELECT n FROM work.a ORDER BY n")
                .lines()
                .map(Long::valueOf)
                .toList();
    }

    @Test
    void onlyChosenSchemasAreDumpedAndTheOthersLeftAlone() throws Exception {
        fill();
        MariadbConfig chosen =
                config(AGENT, PASSWORD, List.of("empty", "work"), MariadbConfig.DEFAULT_TOOL_DIRECTORIES);
        try (RunningAgent agent = new RunningAgent(manager, chosen, directory, CrashPoints.none())) {
            String backup = backup();
            assertThat(manager.result(backup).facts())
                    .containsEntry("schemas", 2L)
                    .containsEntry("tables", 2L);
            server.sql("DROP DATABASE work; CREATE DATABASE newer");
            String others = server.dumpAll("work", "empty");
            manager.orderRestore(backup, 24);
            var result = restored();
            assertThat(result.restored()).containsExactly("empty", "work");
            assertThat(result.leftAlone()).contains("newer", "app");
            assertThat(server.dumpAll("work", "empty")).isEqualTo(others);
            assertThat(server.sql("SHOW TABLES FROM work")).isEqualTo("a\nb");
            assertThat(server.sql("SELECT @@GLOBAL.event_scheduler")).isEqualTo("ON");
            assertNothingLeft(agent);
        }
    }

    @Test
    void userWithoutRightsIsRefusedRatherThanServedAHalfDump() throws Exception {
        fill();
        server.sql("""
                CREATE OR REPLACE USER backup@'127.0.0.1' IDENTIFIED BY 'b';
                GRANT SELECT, SHOW VIEW, EVENT ON *.* TO backup@'127.0.0.1';
                """);
        MariadbConfig config = config("backup", "b", List.of(), MariadbConfig.DEFAULT_TOOL_DIRECTORIES);
        try (RunningAgent agent = new RunningAgent(manager, config, directory, CrashPoints.none())) {
            manager.orderBackup();
            JobFailure failure = (JobFailure) manager.report();
            assertThat(failure.code()).isEqualTo(FailureCode.SERVICE_DENIED);
            assertThat(failure.message()).contains("lacks TRIGGER");
            server.sql("GRANT TRIGGER ON *.* TO backup@'127.0.0.1'");
            String backup = backup();
            manager.orderRestore(backup, 24);
            assertThat(failedRestore().code()).isEqualTo(FailureCode.SERVICE_DENIED);
            assertNothingLeft(agent);
        } finally {
            server.sql("DROP USER backup@'127.0.0.1'");
        }
    }

    @Test
    void dl01_dl02_badDumpProgramsFailTheBackup() throws Exception {
        fill();
        Path tools = Files.createDirectory(directory.resolve("tools"));
        Files.createSymbolicLink(tools.resolve("mysql"), Path.of("/usr/bin/mariadb"));
        MariadbConfig config = config(AGENT, PASSWORD, List.of(), List.of(tools.toString()));
        try (RunningAgent agent = new RunningAgent(manager, config, directory, CrashPoints.none())) {
            replaceDump(tools, "real \"$@\" | head -c 3000", "10.11.8-MariaDB");
            assertBackupFails(FailureCode.INCOMPLETE_DUMP);
            replaceDump(tools, "real \"$@\"; echo 'it broke' >&2; exit 3", "10.11.8-MariaDB");
            assertThat(assertBackupFails(FailureCode.DUMP_FAILED).message()).contains("exit code 3: it broke");
            replaceDump(tools, "real \"$@\"", "10.4.2-MariaDB");
            assertBackupFails(FailureCode.TOOL_VERSION);
            replaceDump(tools, "real \"$@\"", "Ver 8.0.36 for Linux (MySQL Community Server)");
            assertBackupFails(FailureCode.TOOL_VERSION);
            replaceDump(tools, "real \"$@\"", "10.6.2-MariaDB");
            backup();
            assertNothingLeft(agent);
        }
        try (RunningAgent agent = new RunningAgent(manager, config, directory, CrashPoints.none())) {
            backup();
            Hello hello = Objects.requireNonNull(manager.hello());
            assertThat(hello.warnings()).anyMatch(warning -> warning.contains("sandbox"));
            assertThat(hello.tools()).extracting(Hello.Tool::name).containsExactly("mysql", "mysqldump");
            assertNothingLeft(agent);
        }
    }

    @Test
    void statementsThatWouldRunACommandAreRefused() throws Exception {
        fill();
        Path proof = directory.resolve("proof");
        try (RunningAgent agent = agent(point -> {
            if (point == io.holdfast.agent.attempt.CrashPoint.LIVE_DATA_CLOSED) {
                prepend("\\! touch " + proof + "\n");
            }
        })) {
            String backup = backup();
            String before = listing();
            manager.orderRestore(backup, 24);
            assertThat(failedRestore().code()).isEqualTo(FailureCode.RESTORE_FAILED);
            assertThat(proof).doesNotExist();
            assertThat(listing()).isEqualTo(before);
            assertNothingLeft(agent);
        }
    }

    private void prepend(String line) {
        try (var restores = Files.list(directory.resolve("staged"))) {
            Path file = restores.findFirst().orElseThrow().resolve("backup/data.sql");
            byte[] dump = Files.readAllBytes(file);
            Files.writeString(file, line);
            Files.write(file, dump, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private JobFailure assertBackupFails(FailureCode code) throws Exception {
        manager.orderBackup();
        Object report = manager.report();
        assertThat(report).as(Json.mapper().writeValueAsString(report)).isInstanceOf(JobFailure.class);
        JobFailure failure = (JobFailure) report;
        assertThat(failure.code()).as(failure.message()).isEqualTo(code);
        return failure;
    }

    private static void replaceDump(Path tools, String script, String version) throws IOException {
        Path file = tools.resolve("mysqldump");
        Files.writeString(
                file,
                "#!/bin/bash\nif [ \"$2\" = --version ]; then echo '" + version
                        + "'; exit; fi\nreal() { /usr/bin/mariadb-dump \"$@\"; }\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
