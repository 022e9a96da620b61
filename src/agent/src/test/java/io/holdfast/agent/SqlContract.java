package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.CrashPoint;
import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.config.AdapterConfig;
import io.holdfast.agent.config.MariadbConfig;
import io.holdfast.format.json.Json;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import io.holdfast.testbed.SqlServer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The contract against a real server of MariaDB's family, and what both products have. */
abstract class SqlContract extends ServerContract {
    HardSql hard;
    SqlServer server;

    abstract HardSql start();

    /** The product's own client and dump programs. */
    abstract List<String> programs();

    /** What a dump program of that version says that it is. */
    abstract String version(String number);

    /** Versions of the dump program: one that is too old, and one that is not. */
    abstract List<String> tooOldAndNot();

    /** What the other product's dump program says that it is. */
    abstract String versionOfTheOther();

    /** Rows of 1,000 random bytes for the table {@code t}. */
    abstract String rows(int count);

    /** What the client needs to be let in by a password without TLS. */
    List<String> writerOptions() {
        return List.of();
    }

    @BeforeAll
    void startServer() {
        hard = start();
        server = hard.server();
    }

    @AfterAll
    void stopServer() {
        hard.close();
    }

    @Override
    AdapterConfig config() {
        return hard.config();
    }

    @Override
    AdapterConfig withPassword(String password) {
        return hard.withPassword(password);
    }

    @Override
    AdapterConfig withTools(Path folder) {
        return hard.withTools(folder.toString());
    }

    @Override
    String page() {
        return hard.kind();
    }

    @Override
    void fill() {
        hard.fill();
    }

    @Override
    void change() {
        hard.change();
    }

    @Override
    void lose() {
        hard.lose();
    }

    @Override
    String listing() {
        return hard.listing();
    }

    @Override
    void spoil() {
        server.sql("DROP VIEW app.`over`");
    }

    @Override
    void garble(Path staged) throws IOException {
        HardSql.define(staged, "THIS IS NO SQL");
    }

    @Override
    Map<String, String> environmentByHand() {
        return hard.environmentByHand();
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
        server.sql("CREATE DATABASE large; USE large; CREATE TABLE t (b LONGBLOB);" + rows(40_000));
    }

    @Override
    Writer writer() throws IOException {
        return writer("app", "secret of the app");
    }

    private Writer writer(String user, String password) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                programs().getFirst(),
                "--no-defaults",
                "--protocol=tcp",
                "--host=" + server.host(),
                "--port=" + server.port(),
                "--user=" + user,
                "--password=" + password,
                "--unbuffered",
                "--batch",
                "--skip-column-names",
                "--skip-reconnect"));
        command.addAll(writerOptions());
        Process client = new ProcessBuilder(command).start();
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
    void serverThatTakesNoMoreConnectionsIsToldAsNotReachable() throws Exception {
        fill();
        List<Writer> users = new ArrayList<>();
        try {
            server.sql("SET GLOBAL max_connections = 10");
            // Whoever may do everything is let in as the eleventh.
            for (int i = 0; i < 11; i++) {
                users.add(writer(HardSql.AGENT, HardSql.PASSWORD));
                users.getLast().write(i);
            }
            assertNoRoomIsTold();
        } finally {
            users.forEach(Writer::close);
            Await.untilAnswered(
                    () -> server.sql("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = 'holdfast'")
                            .equals("0"));
            server.sql("SET GLOBAL max_connections = 151");
        }
        try (RunningAgent _ = agent()) {
            backup();
        }
    }

    @Test
    void onlyChosenSchemasAreDumpedAndTheOthersLeftAlone() throws Exception {
        fill();
        MariadbConfig chosen = hard.withSchemas("empty", "work");
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
    void viewOnALostTableFailsTheBackupButNotTheRestoreThatMendsIt() throws Exception {
        fill();
        String before = listing();
        try (RunningAgent agent = agent()) {
            String backup = backup();
            server.sql("SET foreign_key_checks = 0; DROP TABLE app.parents");
            assertThat(assertBackupFails(FailureCode.DUMP_FAILED).message()).contains("`app`.`over`", "`app`.`v`");
            manager.orderRestore(backup, 24);
            assertThat(restored().notes())
                    .anyMatch(note -> note.contains("`app`.`over`") && note.contains("`app`.`v`"));
            assertThat(listing()).isEqualTo(before);
            assertNothingLeft(agent);
        }
    }

    @Test
    void eventWhoseTimeIsOverIsNotMissedByTheRestore() throws Exception {
        fill();
        server.sql("SET GLOBAL event_scheduler = OFF; SET timestamp = UNIX_TIMESTAMP() - 9000;"
                + " CREATE EVENT work.once ON SCHEDULE AT NOW() + INTERVAL 1 HOUR DO DELETE FROM work.a");
        try (RunningAgent agent = agent()) {
            String backup = backup();
            manager.orderRestore(backup, 24);
            restored();
            assertThat(server.sql("SHOW EVENTS FROM work")).isEmpty();
            assertNothingLeft(agent);
        } finally {
            server.sql("SET GLOBAL event_scheduler = ON");
        }
    }

    @Test
    void dl01_dl02_badDumpProgramsFailTheBackup() throws Exception {
        fill();
        Path tools = Files.createDirectory(directory.resolve("tools"));
        Files.createSymbolicLink(tools.resolve("mysql"), program(0));
        MariadbConfig config = hard.withTools(tools.toString());
        String good = version(tooOldAndNot().getLast());
        try (RunningAgent agent = new RunningAgent(manager, config, directory, CrashPoints.none())) {
            replaceDump(tools, "real \"$@\" | head -c 3000", good);
            assertBackupFails(FailureCode.INCOMPLETE_DUMP);
            replaceDump(tools, "real \"$@\"; echo 'it broke' >&2; exit 3", good);
            assertThat(assertBackupFails(FailureCode.DUMP_FAILED).message()).contains("exit code 3: it broke");
            replaceDump(tools, "real \"$@\"", version(tooOldAndNot().getFirst()));
            assertBackupFails(FailureCode.TOOL_VERSION);
            replaceDump(tools, "real \"$@\"", versionOfTheOther());
            assertBackupFails(FailureCode.TOOL_VERSION);
            replaceDump(tools, "real \"$@\"", good);
            backup();
            assertNothingLeft(agent);
        }
    }

    @Test
    void noProgramGetsASecretInItsArgumentsOrEnvironment() throws Exception {
        fill();
        Path tools = Files.createDirectory(directory.resolve("tools"));
        Path seen = directory.resolve("seen");
        String record = "#!/bin/bash\n{ printf '%%s\\n' \"$@\"; env; } >> '%s'; exec /usr/bin/%s \"$@\"\n";
        executable(tools.resolve("mysql"), record.formatted(seen, programs().getFirst()));
        executable(tools.resolve("mysqldump"), record.formatted(seen, programs().getLast()));
        try (RunningAgent agent = new RunningAgent(manager, withTools(tools), directory, CrashPoints.none())) {
            String backup = backup();
            change();
            manager.orderRestore(backup, 24);
            restored();
            assertThat(Files.readString(seen))
                    .contains("--single-transaction", "--force", "--defaults-file=", "HOME=/nonexistent")
                    .doesNotContain(HardSql.PASSWORD, "of the agent", "secret of the app", "PASSWORD", "IDENTIFIED");
            assertNothingLeft(agent);
        }
    }

    @Test
    void statementsThatWouldRunACommandAreRefused() throws Exception {
        fill();
        Path proof = directory.resolve("proof");
        try (RunningAgent agent = agent(point -> {
            if (point == CrashPoint.LIVE_DATA_CLOSED) {
                define("CREATE VIEW garbled AS SELECT FROM\n\\! touch " + proof + "\n");
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

    private void define(String sql) {
        try (var restores = Files.list(directory.resolve("staged"))) {
            HardSql.define(restores.findFirst().orElseThrow().resolve("backup"), sql);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    final Path program(int which) {
        return Path.of("/usr/bin", programs().get(which));
    }

    final JobFailure assertBackupFails(FailureCode code) throws Exception {
        manager.orderBackup();
        Object report = manager.report();
        assertThat(report).as(Json.mapper().writeValueAsString(report)).isInstanceOf(JobFailure.class);
        JobFailure failure = (JobFailure) report;
        assertThat(failure.code()).as(failure.message()).isEqualTo(code);
        return failure;
    }

    final void replaceDump(Path tools, String script, String version) throws IOException {
        executable(
                tools.resolve("mysqldump"),
                "#!/bin/bash\nif [ \"$2\" = --version ]; then echo '" + version + "'; exit; fi\nreal() { " + program(1)
                        + " \"$@\"; }\n" + script + "\n");
    }

    private static void executable(Path file, String script) throws IOException {
        Files.writeString(file, script);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
