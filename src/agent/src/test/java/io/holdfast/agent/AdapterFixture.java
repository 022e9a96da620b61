package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.CrashPoint;
import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.config.AdapterConfig;
import io.holdfast.agent.standin.StandInManager;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.RestoreResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What tests of adapters need: agents with one adapter, and a manager that orders backups and restores. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class AdapterFixture {
    private static final String KEPT = "kept";

    /** An option of MariaDB's and MySQL's clients that only the one has that waits for the next question. */
    private static final String STAYS = "--unbuffered";

    @TempDir
    Path directory = Path.of("");

    StandInManager manager;

    /** The adapter's settings, with the least privileged user that can do everything. */
    abstract AdapterConfig config() throws IOException;

    /** The adapter's page in {@code docs/adapters}, without its ending. */
    abstract String page();

    /** The environment that the page's commands for a recovery by hand need; nothing unless a test says otherwise. */
    Map<String, String> environmentByHand() {
        return Map.of();
    }

    @BeforeEach
    void startManager() throws IOException {
        manager = new StandInManager(directory);
    }

    @AfterEach
    void stopManager() {
        manager.close();
    }

    /** Runs the first commands below a heading of the adapter's page, with a backup as it is stored. */
    void byHand(String backup, String heading) throws Exception {
        Path instance = manager.store().directory();
        Path out = Files.createDirectory(directory.resolve("out"));
        Files.writeString(out.resolve(".key"), manager.key() + "\n");
        shell(
                commandsByHand(heading),
                Map.of("INSTANCE", instance.toString(), "BACKUP", backup, "OUT", out.toString()));
    }

    /** Runs commands with the environment that the adapter's page demands, and more. */
    void shell(String commands, Map<String, String> environment) throws Exception {
        ProcessBuilder shell = new ProcessBuilder("bash", "-euc", commands).redirectErrorStream(true);
        shell.environment().putAll(environmentByHand());
        shell.environment().putAll(environment);
        Process process = shell.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }

    /** The first commands below a heading of the adapter's page. */
    String commandsByHand(String heading) throws IOException {
        return commandsByHand(page(), heading);
    }

    static String commandsByHand(String page, String heading) throws IOException {
        String document = document("adapters/" + page + ".md");
        int begin = document.indexOf("```sh\n", document.indexOf(heading)) + 6;
        return document.substring(begin, document.indexOf("\n```", begin));
    }

    /** A page of the documents. */
    static String document(String name) throws IOException {
        return Files.readString(
                Path.of(System.getProperty("holdfast.root", "../.."), "docs").resolve(name));
    }

    RunningAgent agent() throws IOException {
        return agent(CrashPoints.none());
    }

    RunningAgent agent(CrashPoints points) throws IOException {
        return new RunningAgent(manager, config(), directory, points);
    }

    String backup() throws Exception {
        String backup = manager.orderBackup();
        Object report = manager.report();
        assertThat(report).as(report.toString()).isInstanceOf(BackupResult.class);
        return backup;
    }

    RestoreResult restored() throws Exception {
        Object report = manager.report();
        assertThat(report).as(report.toString()).isInstanceOf(RestoreResult.class);
        return (RestoreResult) report;
    }

    JobFailure failedRestore() throws Exception {
        Object report = manager.report();
        assertThat(report).as(report.toString()).isInstanceOf(JobFailure.class);
        JobFailure failure = (JobFailure) report;
        assertThat(failure.liveData()).as(failure.message()).isEqualTo(JobFailure.LiveData.UNTOUCHED);
        return failure;
    }

    void assertNothingLeft(RunningAgent agent) throws Exception {
        Await.until(() -> journals().isEmpty());
        assertThat(children("staged")).isEmpty();
        agent.assertNoThreadsLeft();
        // The agent asks the service for its node's role meanwhile, by a program that stays.
        Await.until(() -> ProcessHandle.current()
                .children()
                .map(child -> child.info().commandLine().orElse(""))
                .noneMatch(command -> command.contains(directory.toString()) && !command.contains(STAYS)));
    }

    List<Path> journals() throws IOException {
        return children("restores");
    }

    /** How many pre-restore copies are kept. */
    int kept() throws Exception {
        return children(KEPT).size();
    }

    List<Path> children(String folder) throws IOException {
        if (!Files.exists(directory.resolve(folder))) {
            return List.of();
        }
        try (var files = Files.list(directory.resolve(folder))) {
            return files.toList();
        }
    }

    /** Ends the agent as if it had been killed: nothing of the work's own is run any more. */
    static CrashPoints crash(CrashPoint at) {
        return point -> {
            if (point == at) {
                throw new Crash();
            }
        };
    }

    private static final class Crash extends Error {
        private static final long serialVersionUID = 1L;
    }
}
