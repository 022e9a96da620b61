package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.holdfast.agent.adapter.bbr.BbrAdapter;
import io.holdfast.agent.attempt.AnyAttempt;
import io.holdfast.agent.attempt.BackupId;
import io.holdfast.agent.attempt.CrashPoint;
import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.config.BbrConfig;
import io.holdfast.agent.process.Command;
import io.holdfast.agent.process.ProcessRunner;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The contract against BOSH jobs with scripts: one has an SQLite database, the other only has to be locked before it. */
class BbrTest extends AdapterContract {
    private Path jobs = Path.of("");
    private Path database = Path.of("");
    private Path steps = Path.of("");

    @BeforeEach
    void makeJobs() throws IOException {
        jobs = directory.resolve("jobs");
        database = directory.resolve("app.db");
        steps = directory.resolve("steps");
        script(
                "database",
                "backup",
                "set -o pipefail; sqlite3 " + database
                        + " .dump | cat > \"$BBR_ARTIFACT_DIRECTORY\"/dump.sql && echo ok > \"${BBR_ARTIFACT_DIRECTORY}note\"");
        script(
                "database",
                "restore",
                "rm -f " + database + "; exec sqlite3 -bail " + database + " < \"$BBR_ARTIFACT_DIRECTORY\"/dump.sql");
        for (String step :
                List.of("pre-backup-lock", "post-backup-unlock", "pre-restore-lock", "post-restore-unlock")) {
            script("database", step, "echo database " + step + " >> " + steps);
            script("web", step, "echo web " + step + " >> " + steps);
        }
        script("web", "metadata", """
                echo '---
                backup_should_be_locked_before:
                - {job_name: database, release: shop}
                - job_name: elsewhere
                  release: other
                restore_should_be_locked_before:
                - job_name: database
                  release: shop'
                """);
        script("skipped", "metadata", "echo 'skip_bbr_scripts: true'");
        script("skipped", "backup", "exit 1");
        Files.createDirectories(jobs.resolve("without-scripts/bin"));
    }

    @Override
    BbrConfig config() {
        return config(jobs);
    }

    @Override
    BbrConfig withTools(Path folder) {
        return config(folder);
    }

    private static BbrConfig config(Path folder) {
        return new BbrConfig(folder, List.of(), Duration.ofMinutes(1), Command.UNLIMITED, Duration.ofSeconds(3));
    }

    @Override
    String page() {
        return "bbr";
    }

    @Override
    void fill() {
        lose();
        sqlite("CREATE TABLE orders (id INTEGER PRIMARY KEY, t TEXT, b BLOB);"
                + " INSERT INTO orders SELECT value, hex(randomblob(20)), randomblob(9) FROM generate_series(1, 500);"
                + " CREATE TABLE huge (b BLOB); INSERT INTO huge VALUES (zeroblob(3000000));");
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
        return sqlite(".dump");
    }

    @Override
    void spoil() {
        sqlite("DROP TABLE orders;");
    }

    @Override
    void garble(Path staged) throws IOException {
        Files.writeString(staged.resolve("jobs/database/dump.sql"), "CREATE TABLE half (x);\nTHIS IS NO SQL;\n");
    }

    @Override
    Map<String, String> environmentByHand() {
        return Map.of("JOBS", jobs.toString());
    }

    /** Jobs have no script that could tell, so this part of the contract cannot be kept. */
    @Override
    @Test
    void dl21_restoreThatFailsItsValidationIsRolledBackAlsoAfterACrash() throws Exception {
        fill();
        try (RunningAgent agent = agent(point -> {
            if (point == CrashPoint.SWAPPED) {
                spoil();
            }
        })) {
            String backup = backup();
            manager.orderRestore(backup, 24);
            restored();
            assertNothingLeft(agent);
        }
    }

    @Test
    void jobsAreLockedInTheirOrderAndUnlockedInTheReverse() throws Exception {
        fill();
        try (RunningAgent agent = agent()) {
            String backup = backup();
            String aBackup = """
                    web pre-backup-lock
                    database pre-backup-lock
                    database post-backup-unlock
                    web post-backup-unlock
                    """;
            assertThat(Files.readString(steps)).isEqualTo(aBackup);
            assertThat(manager.result(backup).artifacts())
                    .singleElement()
                    .satisfies(artifact -> assertThat(artifact.source()).isEqualTo("database"));
            Files.delete(steps);
            manager.orderRestore(backup, 24);
            assertThat(restored().restored()).containsExactly("database");
            assertThat(Files.readString(steps))
                    .as("the pre-restore copy's, then the restore's")
                    .isEqualTo(aBackup + """
                    web pre-restore-lock
                    database pre-restore-lock
                    database post-restore-unlock
                    web post-restore-unlock
                    """);
            assertNothingLeft(agent);
        }
    }

    @Test
    void dl01_aScriptThatFailsOrHangsFailsTheBackupAndAllIsUnlocked() throws Exception {
        fill();
        try (RunningAgent agent = agent()) {
            script("database", "pre-backup-lock", "exit 7");
            assertBackupFails(FailureCode.DUMP_FAILED, "job database: pre-backup-lock ended with exit code 7");
            assertUnlocked();
            script("database", "pre-backup-lock", "sleep 600");
            assertBackupFails(FailureCode.TOOL_TIMEOUT, "job database: pre-backup-lock was stopped");
            assertUnlocked();
            script("database", "pre-backup-lock", "true");
            script("database", "backup", "echo half > \"$BBR_ARTIFACT_DIRECTORY\"/dump.sql; echo broke >&2; exit 1");
            assertBackupFails(FailureCode.DUMP_FAILED, "broke");
            assertUnlocked();
            script("web", "metadata", "echo '- : {'");
            assertBackupFails(FailureCode.DUMP_FAILED, "no YAML");
            assertNothingLeft(agent);
        }
    }

    @Test
    void scriptThatSaysMoreThanAnybodyReadsIsNoFailure() throws Exception {
        fill();
        script("web", "pre-backup-lock", "head -c 70000000 /dev/zero");
        script("database", "post-backup-unlock", "head -c 70000000 /dev/zero; echo unlocked >> " + steps);
        try (RunningAgent _ = agent()) {
            backup();
            assertThat(Files.readString(steps)).endsWith("unlocked\nweb post-backup-unlock\n");
            script("web", "pre-backup-lock", "echo it has begun; head -c 70000000 /dev/zero; exit 1");
            JobFailure failure = assertBackupFails(FailureCode.DUMP_FAILED, "it has begun");
            assertThat(failure.message())
                    .contains("bytes left out")
                    .doesNotContain("\0")
                    .hasSizeLessThan(10_000);
        }
    }

    @Test
    void goodBackupWhoseJobsCannotBeUnlockedFailsAndSaysSoUntilTheyCan() throws Exception {
        fill();
        script("database", "post-backup-unlock", "echo still in use >&2; exit 1");
        try (RunningAgent _ = agent()) {
            JobFailure failure = assertBackupFails(
                    FailureCode.DUMP_FAILED,
                    "jobs could not be unlocked: job database: post-backup-unlock ended with exit code 1: still in use");
            assertThat(failure.hint()).contains("bin/bbr/post-backup-unlock by hand");
            assertThat(Files.readString(steps)).as("the other job").endsWith("web post-backup-unlock\n");
        }
        try (RunningAgent agent = agent()) {
            Await.until(() -> Objects.requireNonNull(manager.hello()).warnings().stream()
                    .anyMatch(warning -> warning.contains("may still be locked")));
            script("database", "post-backup-unlock", "echo database post-backup-unlock >> " + steps);
            backup();
            assertThat(directory.resolve("locked")).doesNotExist();
            assertNothingLeft(agent);
        }
    }

    @Test
    void failedUnlockIsToldBesideWhatElseHasFailed() throws Exception {
        fill();
        script("database", "post-backup-unlock", "sleep 600");
        script("database", "backup", "exit 9");
        try (RunningAgent _ = agent()) {
            JobFailure failure = assertBackupFails(
                    FailureCode.DUMP_FAILED,
                    "job database: backup ended with exit code 9; besides, jobs could not be unlocked:"
                            + " job database: post-backup-unlock was stopped because it took too long");
            assertThat(failure.hint()).contains("bin/bbr/post-backup-unlock");
            assertThat(Files.readString(steps)).as("the other job").endsWith("web post-backup-unlock\n");
            script("database", "post-backup-unlock", "exit 1");
            script("database", "backup", "touch " + steps + ".begun; sleep 600");
            manager.orderBackup();
            Await.until(() -> Files.exists(Path.of(steps + ".begun")));
            manager.cancel(true);
            failure = (JobFailure) manager.report();
            assertThat(failure.code()).isEqualTo(FailureCode.CANCELLED);
            assertThat(failure.message()).contains("cancelled on request; besides, jobs could not be unlocked");
            assertThat(failure.hint()).contains("bin/bbr/post-backup-unlock");
        }
    }

    @Test
    void cancelledBackupIsUnlocked() throws Exception {
        fill();
        script("database", "backup", "touch " + steps + ".begun; sleep 600");
        try (RunningAgent _ = agent()) {
            manager.orderBackup();
            Await.until(() -> Files.exists(Path.of(steps + ".begun")));
            manager.cancel(true);
            assertThat(((JobFailure) manager.report()).code()).isEqualTo(FailureCode.CANCELLED);
            assertUnlocked();
        }
    }

    @Test
    void whatAKilledAgentHasLeftLockedIsUnlockedAtItsNextStart() throws Exception {
        fill();
        Path locked = directory.resolve("locked");
        Files.writeString(locked, "web\ndatabase");
        script("web", "metadata", "exit 1"); // nobody needs it to unlock
        try (RunningAgent agent = new RunningAgent(manager, config(), directory, CrashPoints.none())) {
            Await.until(() -> !Files.exists(locked));
            assertUnlocked();
            assertNothingLeft(agent);
        }
    }

    @Test
    void dl21_jobsAreUnlockedAlsoWhenTheirRestoreFails() throws Exception {
        fill();
        try (RunningAgent agent = agent()) {
            String backup = backup();
            change();
            String before = listing();
            String good = Files.readString(jobs.resolve("database/bin/bbr/restore"));
            script(
                    "database",
                    "restore",
                    "echo failing >> " + steps + "; if mkdir " + steps + ".failed; then exit 5; fi\n" + good);
            Files.delete(steps);
            manager.orderRestore(backup, 24);
            JobFailure failure = failedRestore();
            assertThat(failure.code()).isEqualTo(FailureCode.RESTORE_FAILED);
            assertThat(failure.message()).contains("job database: restore ended with exit code 5");
            String aRestore = """
                    web pre-restore-lock
                    database pre-restore-lock
                    failing
                    database post-restore-unlock
                    web post-restore-unlock
                    """;
            assertThat(Files.readString(steps))
                    .as("the failed one, then the pre-restore copy's")
                    .endsWith("web post-backup-unlock\n" + aRestore + aRestore);
            assertThat(listing()).isEqualTo(before);
            assertNothingLeft(agent);
        }
    }

    @Test
    void restoreWhoseJobsCannotBeUnlockedSaysSo() throws Exception {
        fill();
        String old;
        try (RunningAgent _ = agent()) {
            String backup = backup();
            change();
            old = listing();
            script("database", "post-backup-unlock", "exit 1");
            manager.orderRestore(backup, 24);
            assertThat(failedRestore().message()).as("the pre-restore copy's").contains("unlocked: job database");
            script("database", "post-backup-unlock", "true");
            script("database", "post-restore-unlock", "exit 1");
            manager.orderRestore(backup, 24);
            JobFailure failure = (JobFailure) manager.report();
            assertThat(failure.code()).isEqualTo(FailureCode.NEEDS_OPERATOR);
            assertThat(failure.liveData()).isEqualTo(JobFailure.LiveData.NEEDS_OPERATOR);
            assertThat(failure.message())
                    .contains("jobs could not be unlocked: job database: post-restore-unlock ended with exit code 1");
        }
        script("database", "post-restore-unlock", "true");
        try (RunningAgent agent = agent()) {
            assertNothingLeft(agent);
            assertThat(listing()).isEqualTo(old);
        }
    }

    @Test
    void tarThatIsTooOldIsToldBeforeAnythingIsLocked() throws Exception {
        Path tools = Files.createDirectory(directory.resolve("tools"));
        Files.createSymbolicLink(tools.resolve("setpriv"), Path.of("/usr/bin/setpriv"));
        BbrJobs.executable(tools.resolve("tar"), "echo 'tar (GNU tar) 1.27'");
        BbrAdapter adapter = new BbrAdapter(config(), directory, new ProcessRunner(tools.toString()));
        assertThat(adapter.inspect().warnings())
                .containsExactly("GNU tar is version 1.27, and 1.28 is the oldest supported version");
        assertThat(catchThrowableOfType(JobException.class, () -> adapter.dump(new BackupId("b"), AnyAttempt.begin())))
                .extracting(JobException::code)
                .isEqualTo(FailureCode.TOOL_VERSION);
        assertThat(steps).doesNotExist();
    }

    @Test
    void whoWritesAllTheTimeIsKeptAwayByTheLocks() throws Exception {
        Path lock = directory.resolve("lock");
        for (String step : List.of("pre-backup-lock", "pre-restore-lock")) {
            script("database", step, LockedWriter.lock(lock));
        }
        for (String step : List.of("post-backup-unlock", "post-restore-unlock")) {
            script("database", step, LockedWriter.unlock(lock));
        }
        script("database", "backup", "(" + LockedWriter.dump(database) + ") > \"$BBR_ARTIFACT_DIRECTORY\"/dump.sql");
        try (RunningAgent agent = agent();
                LockedWriter writer = new LockedWriter(database, lock)) {
            String backup = backup();
            LockedWriter.assertWholePairs(manager.plaintext(backup, "database"));
            manager.orderRestore(backup, 24);
            restored();
            writer.assertWritesGoOnInWholePairs();
            assertNothingLeft(agent);
        }
    }

    private void assertUnlocked() throws IOException {
        assertThat(Files.readString(steps)).endsWith("database post-backup-unlock\nweb post-backup-unlock\n");
        Files.delete(steps);
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

    private void script(String job, String name, String text) {
        new BbrJobs(jobs).script(job, name, text);
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
