package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.CrashPoint;
import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.config.BbrConfig;
import io.holdfast.agent.process.Command;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
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
                    .as("the safety copy's, then the restore's")
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
            script("web", "post-backup-unlock", "exit 1");
            script("database", "backup", "true");
            assertBackupFails(FailureCode.DUMP_FAILED, "jobs could not be unlocked: job web");
            script("web", "metadata", "echo '- : {'");
            assertBackupFails(FailureCode.DUMP_FAILED, "no YAML");
            assertNothingLeft(agent);
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
        Path artifacts = Files.createDirectories(directory.resolve("artifacts"));
        Files.createFile(artifacts.resolve("locked"));
        try (RunningAgent agent = new RunningAgent(manager, config(), directory, CrashPoints.none())) {
            Await.until(() -> Files.exists(steps) && !Files.exists(artifacts.resolve("locked")));
            assertUnlocked();
            assertNothingLeft(agent);
        }
    }

    private void assertUnlocked() throws IOException {
        assertThat(Files.readString(steps)).endsWith("database post-backup-unlock\nweb post-backup-unlock\n");
        Files.delete(steps);
    }

    private void assertBackupFails(FailureCode code, String message) throws Exception {
        manager.orderBackup();
        Object report = manager.report();
        assertThat(report).as(report.toString()).isInstanceOf(JobFailure.class);
        JobFailure failure = (JobFailure) report;
        assertThat(failure.code()).as(failure.message()).isEqualTo(code);
        assertThat(failure.message()).contains(message);
    }

    private void script(String job, String name, String text) {
        try {
            Path file = Files.createDirectories(jobs.resolve(job).resolve("bin/bbr"))
                    .resolve(name);
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
