package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.CrashPoint;
import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.config.CommandConfig;
import io.holdfast.agent.process.Command;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.Phase;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The contract against a real SQLite database, with commands as an operator may write them. */
class CommandTest extends AdapterContract {
    private static final String CONTENT = """
            CREATE TABLE orders (id INTEGER PRIMARY KEY, t TEXT, b BLOB, r REAL);
            INSERT INTO orders VALUES (1, 'it''s "odd" 🐘' || char(10) || 'COMMIT;', x'00ff10', 1e-300), (2, '', NULL, NULL);
            INSERT INTO orders SELECT value + 2, hex(randomblob(20)), randomblob(100), value / 3.0
                FROM generate_series(1, 500);
            CREATE TABLE huge (b BLOB);
            INSERT INTO huge VALUES (zeroblob(3000000));
            CREATE TABLE "empty one" (x);
            CREATE VIEW v AS SELECT count(*) FROM orders;
            CREATE INDEX i ON orders (t);
            CREATE TRIGGER tr AFTER DELETE ON orders BEGIN SELECT 1; END;
            """;

    private Path database = Path.of("");
    private Path steps = Path.of("");

    @BeforeEach
    void makeCommands() throws IOException {
        database = directory.resolve("app.db");
        steps = directory.resolve("steps");
        script("dump", "exec sqlite3 " + database + " .dump");
        script("restore", "rm -f " + database + "; exec sqlite3 -bail " + database);
        script("check", "test \"$(sqlite3 " + database + " 'SELECT count(*) > 500 FROM orders')\" = 1");
        script("size", "stat --format=%s " + database);
        script("service", """
                now=$(date +%%s)
                case $1 in
                stop) echo stop >> %1$s; test -e %2$s || echo $((now + $(cat %2$s-takes || echo 0))) > %2$s ;;
                stopped) test -e %2$s && test $now -ge $(cat %2$s) ;;
                start)
                    echo start >> %1$s
                    test ! -e %2$s || test $now -ge $(cat %2$s) || { echo 'other action in progress' >&2; exit 1; }
                    rm -f %2$s
                    ;;
                running) test ! -e %2$s ;;
                esac
                """.formatted(steps, stopped()));
        script("step", "echo \"$@\" >> " + steps);
    }

    @Override
    CommandConfig config() {
        return config(directory);
    }

    @Override
    @Nullable CommandConfig withTools(Path folder) {
        return config(folder);
    }

    private CommandConfig config(Path folder) {
        String step = folder.resolve("step").toString();
        return new CommandConfig(
                List.of(folder.resolve("dump").toString()),
                List.of(step, "pre-dump"),
                List.of(step, "post-dump"),
                List.of(folder.resolve("restore").toString()),
                List.of(step, "pre-restore"),
                List.of(step, "post-restore"),
                new CommandConfig.Service(
                        List.of(folder.resolve("service").toString(), "stop"),
                        List.of(folder.resolve("service").toString(), "stopped"),
                        List.of(folder.resolve("service").toString(), "start"),
                        List.of(folder.resolve("service").toString(), "running")),
                List.of(folder.resolve("check").toString()),
                List.of(folder.resolve("size").toString()),
                "COMMIT;",
                100,
                true,
                Duration.ofMinutes(1),
                Command.UNLIMITED,
                Duration.ofSeconds(5));
    }

    @Override
    String page() {
        return "command";
    }

    @Override
    void fill() {
        lose();
        sqlite(CONTENT);
    }

    @Override
    void change() {
        sqlite(
                "DELETE FROM orders WHERE id % 2 = 0; CREATE TABLE IF NOT EXISTS added (x); INSERT INTO added VALUES (1);");
    }

    @Override
    void lose() {
        try {
            Files.deleteIfExists(database);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    String listing() {
        assertThat(stopped()).as("the service runs").doesNotExist();
        return sqlite(".dump");
    }

    @Override
    CrashPoint beforeTheSafetyCopy() {
        return CrashPoint.STAGED;
    }

    @Override
    void spoil() {
        sqlite("DROP TABLE orders;");
    }

    @Override
    void garble(Path staged) throws IOException {
        Files.writeString(staged.resolve("data"), "CREATE TABLE half (x);\nTHIS IS NO SQL;\n");
    }

    @Override
    Map<String, String> environmentByHand() {
        return Map.of("RESTORE_COMMAND", directory.resolve("restore").toString());
    }

    @Test
    void otherCommandsAreRunAroundADumpAndARestore() throws Exception {
        fill();
        try (RunningAgent agent = agent()) {
            String backup = backup();
            assertThat(steps).hasContent("pre-dump\npost-dump");
            manager.orderRestore(backup, 24);
            restored();
            assertThat(steps)
                    .hasContent("pre-dump\npost-dump\npre-restore\npre-dump\npost-dump\nstop\nstart\npost-restore");
            assertNothingLeft(agent);
        }
    }

    @Test
    void dl01_dl02_badDumpsFailTheBackupAndTheLastCommandIsRunAnyway() throws Exception {
        fill();
        try (RunningAgent agent = agent()) {
            script("dump", "sqlite3 " + database + " .dump | head -c 3000");
            assertBackupFails(FailureCode.INCOMPLETE_DUMP, "no end mark");
            script("dump", "echo 'COMMIT;'");
            assertBackupFails(FailureCode.INCOMPLETE_DUMP, "100 are the least");
            script("dump", "sqlite3 " + database + " .dump; echo 'it broke' >&2; exit 3");
            assertBackupFails(FailureCode.DUMP_FAILED, "exit code 3: it broke");
            script("dump", "sqlite3 " + database + " .dump; kill -KILL $$");
            assertBackupFails(FailureCode.DUMP_FAILED, "signal 9");
            assertThat(steps).hasContent("pre-dump\npost-dump\n".repeat(4).strip());
            assertNothingLeft(agent);
        }
    }

    @Test
    void otherCommandsThatFailOrHangFailTheBackup() throws Exception {
        fill();
        try (RunningAgent agent = agent()) {
            script("step", "echo \"$1\" >> " + steps + "; test \"$1\" != pre-dump");
            assertBackupFails(FailureCode.DUMP_FAILED, "step ended with exit code 1");
            assertThat(steps)
                    .as("what a lock that failed half has taken is given back")
                    .hasContent("pre-dump\npost-dump");
            script("step", "echo \"$1\" >> " + steps + "; test \"$1\" != post-dump");
            JobFailure failure = assertBackupFails(
                    FailureCode.DUMP_FAILED, "the command after the dump has failed: step ended with exit code 1");
            assertThat(failure.hint()).contains("run post_dump_command by hand");
            assertThat(locked()).exists();
            script("dump", "echo 'it broke' >&2; exit 3");
            assertBackupFails(
                    FailureCode.DUMP_FAILED,
                    "dump ended with exit code 3: it broke; besides, the command after the dump has failed");
            assertThat(steps)
                    .as("what was left is unlocked first, and need not be to go on")
                    .content()
                    .endsWith("pre-dump\npost-dump\npost-dump\npre-dump\npost-dump\n");
            script("dump", "exec sqlite3 " + database + " .dump");
            script("step", "head -c 70000000 /dev/zero");
            backup();
            assertThat(locked()).doesNotExist();
            script("step", "test \"$1\" = pre-dump || sleep 600");
            assertBackupFails(FailureCode.TOOL_TIMEOUT, "took too long");
            assertNothingLeft(agent);
        }
    }

    @Test
    void cancelledDumpIsUnlocked() throws Exception {
        fill();
        Path begun = directory.resolve("begun");
        script("dump", "touch " + begun + "; sleep 600");
        try (RunningAgent _ = agent()) {
            manager.orderBackup();
            assertThat(manager.heartbeatIn(Phase.DUMPING).estimatedBytes())
                    .as("what the size command says")
                    .isEqualTo(Files.size(database));
            Await.until(() -> Files.exists(begun));
            manager.cancel(true);
            assertThat(((JobFailure) manager.report()).code()).isEqualTo(FailureCode.CANCELLED);
            assertThat(steps).hasContent("pre-dump\npost-dump");
            assertThat(children("staged")).isEmpty();
            manager.cancel(false);
            script("step", "test \"$1\" = pre-dump");
            Files.delete(begun);
            manager.orderBackup();
            Await.until(() -> Files.exists(begun));
            manager.cancel(true);
            JobFailure failure = (JobFailure) manager.report();
            assertThat(failure.code()).isEqualTo(FailureCode.CANCELLED);
            assertThat(failure.message())
                    .isEqualTo("cancelled on request; besides, the command after the dump has failed:"
                            + " step ended with exit code 1");
            assertThat(failure.hint()).contains("post_dump_command");
        }
    }

    /** A real kill, and then a manager that cannot be reached; and a size command that gives no number. */
    @Test
    void whatAKilledAgentHasLeftLockedIsUnlockedAtItsNextStartWithoutTheManager() throws Exception {
        fill();
        script("size", "echo about ten");
        script("dump", "touch " + steps + ".begun; sleep 600");
        Map<String, Object> settings = Map.of(
                "kind", "command",
                "dump_command", List.of(directory.resolve("dump").toString()),
                "minimum_bytes", 100,
                "pre_dump_command", List.of(directory.resolve("step").toString(), "pre-dump"),
                "post_dump_command", List.of(directory.resolve("step").toString(), "post-dump"),
                "size_command", List.of(directory.resolve("size").toString()));
        Map<String, Object> config = AgentProcess.config(manager, directory, settings);
        Process killed = AgentProcess.start(config, directory, AgentProcess.SHORT_LIVED);
        try {
            manager.orderBackup();
            Await.until(() -> Files.exists(Path.of(steps + ".begun")));
        } finally {
            killed.destroyForcibly().waitFor();
        }
        assertThat(steps).hasContent("pre-dump");
        assertThat(directory.resolve("agent.log"))
                .content()
                .contains("the size command printed about ten instead of a number: size ended with exit code 0");
        manager.close();
        Process next = AgentProcess.start(config, directory, AgentProcess.SHORT_LIVED);
        try {
            Await.until(() -> !Files.exists(directory.resolve("work/locked")));
            assertThat(steps).hasContent("pre-dump\npost-dump");
        } finally {
            next.destroyForcibly().waitFor();
        }
    }

    @Test
    void dl21_restoreThatIsCutOffRunsItsLastCommandAtTheNextStart() throws Exception {
        fill();
        try (RunningAgent agent = agent(crash(CrashPoint.LIVE_DATA_CLOSED))) {
            manager.orderRestore(backup(), 24);
            agent.awaitCrash();
        }
        Files.delete(steps);
        try (RunningAgent agent = agent()) {
            Await.until(() -> journals().isEmpty());
            assertThat(steps).hasContent("stop\nstart\npost-restore");
            assertNothingLeft(agent);
        }
    }

    @Test
    void whoWritesAllTheTimeIsKeptAwayByTheOtherCommands() throws Exception {
        Path lock = directory.resolve("lock");
        Path restoring = directory.resolve("restoring");
        script("step", """
                case $1 in
                pre-dump) test -e %1$s || %2$s ;;
                post-dump) test -e %1$s || %3$s ;;
                pre-restore) %2$s; touch %1$s ;;
                post-restore) rm %1$s; %3$s ;;
                esac
                """.formatted(restoring, "{ " + LockedWriter.lock(lock) + "; }", LockedWriter.unlock(lock)));
        script("dump", LockedWriter.dump(database));
        script("check", "sqlite3 " + database + " 'SELECT count(*) FROM a'");
        try (RunningAgent agent = agent();
                LockedWriter writer = new LockedWriter(database, lock)) {
            String backup = backup();
            LockedWriter.assertWholePairs(manager.plaintext(backup, "data"));
            manager.orderRestore(backup, 24);
            restored();
            writer.assertWritesGoOnInWholePairs();
            assertNothingLeft(agent);
        }
    }

    @Test
    void failedUnlockAfterARestoreIsAnErrorOfItsOwnAndTriedAgain() throws Exception {
        fill();
        Path blocked = Files.createFile(directory.resolve("blocked"));
        script("step", "test \"$1\" != post-restore || test ! -e " + blocked);
        String restored = listing();
        try (RunningAgent _ = agent()) {
            String backup = backup();
            change();
            manager.orderRestore(backup, 24);
            JobFailure failure = (JobFailure) manager.report();
            assertThat(failure.code()).isEqualTo(FailureCode.NEEDS_OPERATOR);
            assertThat(failure.liveData()).isEqualTo(JobFailure.LiveData.NEEDS_OPERATOR);
        }
        Files.delete(blocked);
        try (RunningAgent agent = agent()) {
            assertNothingLeft(agent);
            assertThat(listing()).isEqualTo(restored);
        }
    }

    @Test
    void restoreThatDoesNotReadTheWholeDumpIsTakenBack() throws Exception {
        fill();
        CrashPoints lazy = point -> {
            if (point == CrashPoint.LIVE_DATA_CLOSED) {
                script(
                        "restore",
                        "if test -e " + steps + ".lazy; then rm -f " + database + "; exec sqlite3 -bail " + database
                                + "; fi; touch " + steps + ".lazy; head -c 10 > " + database);
            }
        };
        try (RunningAgent agent = agent(lazy)) {
            String backup = backup();
            change();
            String before = listing();
            manager.orderRestore(backup, 24);
            assertThat(failedRestore().code()).isEqualTo(FailureCode.RESTORE_FAILED);
            assertThat(listing()).isEqualTo(before);
            assertNothingLeft(agent);
        }
    }

    @Test
    void serviceIsSavedWhileItRunsAndReplacedOnceItHasStopped() throws Exception {
        fill();
        String before = listing();
        onlyWhileItRuns("dump");
        script(
                "restore",
                "echo restore >> " + steps + "; " + directory.resolve("service") + " stopped || exit 5; rm -f "
                        + database + "; exec sqlite3 -bail " + database);
        script("check", "echo check >> " + steps + "; test -e " + stopped());
        takes(3);
        try (RunningAgent agent = agent()) {
            String backup = backup();
            Files.delete(steps);
            change();
            manager.orderRestore(backup, 24);
            restored();
            assertThat(steps).hasContent("pre-restore\npre-dump\npost-dump\nstop\nrestore\ncheck\nstart\npost-restore");
            assertThat(listing()).isEqualTo(before);
            assertNothingLeft(agent);
        }
    }

    /** Each of the steps hangs, which only cancelling ends in time; the service runs again, and nothing has changed. */
    @Test
    void restoreIsCancelledAnywhereBeforeItReplacesData() throws Exception {
        fill();
        onlyWhileItRuns("dump");
        Path hangs = directory.resolve("hangs");
        Path hung = directory.resolve("hung");
        for (String name : List.of("step", "dump", "service")) {
            insert(
                    name,
                    "if test \"$(cat " + hangs + ")\" = \"" + name + " $1\"; then touch " + hung + "; sleep 600; fi");
        }
        try (RunningAgent agent = agent()) {
            String backup = backup();
            change();
            String before = listing();
            for (String step :
                    List.of("step pre-restore", "step pre-dump", "dump ", "service stop", "service stopped")) {
                Files.writeString(hangs, step);
                Files.deleteIfExists(hung);
                manager.orderRestore(backup, 24);
                Await.until(() -> Files.exists(hung));
                Files.delete(hangs);
                manager.cancel(true);
                JobFailure failure = failedRestore();
                assertThat(failure.code()).as(step).isEqualTo(FailureCode.CANCELLED);
                assertThat(failure.message()).as(step).isEqualTo("cancelled on request");
                manager.cancel(false);
                assertThat(listing()).as(step).isEqualTo(before);
                assertNothingLeft(agent);
            }
            // Here the service has begun to stop, and stops for some time yet: what starts it is refused until then.
            takes(8);
            manager.orderRestore(backup, 24);
            Await.until(() -> Files.exists(stopped()));
            manager.cancel(true);
            assertThat(failedRestore().code()).isEqualTo(FailureCode.CANCELLED);
            manager.cancel(false);
            assertThat(listing()).isEqualTo(before);
            assertNothingLeft(agent);
        }
    }

    @Test
    void serviceThatDoesNotStopIsLeftAsItIs() throws Exception {
        fill();
        takes(10);
        try (RunningAgent agent = agent()) {
            String backup = backup();
            change();
            String before = listing();
            manager.orderRestore(backup, 24);
            JobFailure failure = failedRestore();
            assertThat(failure.code()).isEqualTo(FailureCode.RESTORE_FAILED);
            assertThat(failure.message())
                    .contains("the service did not stop: after 5 s, service ended with exit code 1");
            assertThat(failure.hint()).contains("stopped_command");
            assertThat(listing()).isEqualTo(before);
            assertNothingLeft(agent);
        }
    }

    @Test
    void serviceThatDoesNotStartWithTheRestoredDataGetsTheOldOneBack() throws Exception {
        fill();
        try (RunningAgent agent = agent()) {
            String backup = backup();
            change();
            String before = listing();
            insert(
                    "service",
                    "test $1 != start || sqlite3 " + database
                            + " 'SELECT * FROM added' > /dev/null || { echo 'it crashed' >&2; exit 1; }");
            manager.orderRestore(backup, 24);
            JobFailure failure = failedRestore();
            assertThat(failure.code()).isEqualTo(FailureCode.VALIDATION_FAILED);
            assertThat(failure.message()).contains("the service is not running", "it crashed");
            assertThat(listing()).isEqualTo(before);
            assertNothingLeft(agent);
            script("check", "sleep 600");
            manager.orderRestore(backup, 24);
            assertThat(failedRestore().message()).contains("check was stopped because it took too long");
            assertThat(listing()).isEqualTo(before);
            assertNothingLeft(agent);
        }
    }

    @Test
    void serviceThatStaysStoppedIsTold() throws Exception {
        fill();
        try (RunningAgent _ = agent()) {
            String backup = backup();
            insert("service", "test $1 != start || { echo 'it crashed' >&2; exit 1; }");
            manager.orderRestore(backup, 24);
            JobFailure failure = (JobFailure) manager.report();
            assertThat(failure.code()).isEqualTo(FailureCode.NEEDS_OPERATOR);
            assertThat(failure.message())
                    .contains("the service is not running: service ended with exit code 1: it crashed");
        }
    }

    @Test
    void restoreThatFailsWithoutASafetyCopySaysThatTheServiceStaysStopped() throws Exception {
        fill();
        String backup;
        try (RunningAgent _ = agent()) {
            backup = backup();
        }
        script("dump", "echo 'the data is broken' >&2; exit 3");
        try (RunningAgent agent = agent()) {
            manager.orderRestore(backup, 24);
            JobFailure failure = failedRestore();
            assertThat(failure.message())
                    .contains("what the restore would replace cannot be saved", "the data is broken");
            assertThat(failure.hint()).contains("pre_restore_copy");
            assertNothingLeft(agent);
        }
        CommandConfig without = withoutSafetyCopy();
        try (RunningAgent agent = new RunningAgent(manager, without, directory, CrashPoints.none())) {
            manager.orderRestore(backup, 24);
            assertThat(restored().kept()).isEmpty();
            assertNothingLeft(agent);
            script("restore", "cat > /dev/null; exit 4");
            manager.orderRestore(backup, 24);
            JobFailure failure = (JobFailure) manager.report();
            assertThat(failure.code()).isEqualTo(FailureCode.NEEDS_OPERATOR);
            assertThat(failure.message()).contains("there is no pre-restore copy", "the service stays stopped");
            assertThat(failure.hint()).doesNotContain("it is in");
            assertThat(stopped()).exists();
        }
    }

    private CommandConfig withoutSafetyCopy() {
        CommandConfig all = config();
        return new CommandConfig(
                all.dump(),
                all.preDump(),
                all.postDump(),
                all.restore(),
                all.preRestore(),
                all.postRestore(),
                all.service(),
                all.check(),
                all.size(),
                all.endMark(),
                all.minimumBytes(),
                false,
                all.idleTimeout(),
                all.toolTimeout(),
                all.stepTimeout());
    }

    /** There from when the service was told to stop until it is started again. */
    private Path stopped() {
        return directory.resolve("stopped");
    }

    /** How many seconds the service goes on after it was told to stop. */
    private void takes(int seconds) throws IOException {
        Files.writeString(directory.resolve("stopped-takes"), Integer.toString(seconds));
    }

    private void onlyWhileItRuns(String name) throws IOException {
        insert(name, "test ! -e " + stopped() + " || { echo 'the service is stopped' >&2; exit 1; }");
    }

    /** Has a script begin with another line. */
    private void insert(String name, String line) throws IOException {
        String text = Files.readString(directory.resolve(name));
        script(name, line + text.substring(text.indexOf('\n')));
    }

    private Path locked() {
        return directory.resolve("locked");
    }

    private JobFailure assertBackupFails(FailureCode code, String message) throws Exception {
        manager.orderBackup();
        Object report = manager.report();
        assertThat(report).as(report.toString()).isInstanceOf(JobFailure.class);
        JobFailure failure = (JobFailure) report;
        assertThat(failure.code()).as(failure.message()).isEqualTo(code);
        assertThat(failure.message()).contains(message);
        return failure;
    }

    private void script(String name, String text) {
        try {
            Path file = directory.resolve(name);
            Files.deleteIfExists(file);
            Files.writeString(file, "#!/bin/bash\n" + text + "\n");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String sqlite(String sql) {
        try {
            Process process = new ProcessBuilder("sqlite3", "-bail", database.toString())
                    .redirectErrorStream(true)
                    .start();
            try (OutputStream in = process.getOutputStream()) {
                in.write(sql.getBytes(StandardCharsets.UTF_8));
            }
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(output).isZero();
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
