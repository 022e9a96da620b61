package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.config.AdapterConfig;
import io.holdfast.format.json.Json;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.RestoreResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * The examples of the command adapter's page, as they stand there, with the real programs. Agent, service and monit see a
 * folder of the test's as {@code /var/vcap}, which nobody else does.
 */
class CommandPageTest extends AdapterFixture {
    private static final Path VCAP = Path.of("/var/vcap");
    private static final Pattern BLOCK = Pattern.compile("```(yaml|sh)\n(.*?)```", Pattern.DOTALL);

    private final List<Process> processes = new ArrayList<>();
    private Path vcap = Path.of("");
    private boolean made;

    @Override
    AdapterConfig config() {
        throw new UnsupportedOperationException("the agent is a process of its own");
    }

    @Override
    String page() {
        return "command";
    }

    @BeforeEach
    void makeFolder() throws IOException {
        vcap = Files.createDirectories(directory.resolve("vcap"));
        made = !Files.exists(VCAP);
        Files.createDirectories(VCAP);
    }

    @AfterEach
    void endProcesses() throws Exception {
        for (Process process : processes.reversed()) {
            process.destroy();
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
        processes.clear();
        Path pid = vcap.resolve("sys/run/etcd/etcd.pid");
        if (Files.exists(pid)) {
            ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()))
                    .filter(process -> process.info().command().orElse("").endsWith("etcd"))
                    .ifPresent(ProcessHandle::destroyForcibly);
        }
        if (made) {
            Files.delete(VCAP);
        }
    }

    @Test
    void etcdIsStoppedByMonitReplacedAndStarted() throws Exception {
        Map<String, Object> settings = example("## etcd");
        for (String folder : List.of("sys/run/etcd", "sys/log", "store", "data", "bosh/bin", "monit")) {
            Files.createDirectories(vcap.resolve(folder));
        }
        script("jobs/etcd/bin/ctl", """
                case $1 in
                start)
                    setsid /usr/bin/etcd --data-dir /var/vcap/store/etcd >> /var/vcap/sys/log/etcd.log 2>&1 &
                    echo $! > /var/vcap/sys/run/etcd/etcd.pid
                    ;;
                stop) sleep 2; kill "$(cat /var/vcap/sys/run/etcd/etcd.pid)" ;;
                esac
                """);
        script("bosh/bin/monit", "exec /usr/bin/monit -c /var/vcap/monit/monitrc \"$@\"");
        Path monitrc = Files.writeString(vcap.resolve("monit/monitrc"), """
                set daemon 1
                set log /var/vcap/sys/log/monit.log
                set pidfile /var/vcap/monit/pid
                set idfile /var/vcap/monit/id
                set statefile /var/vcap/monit/state
                set httpd unixsocket /var/vcap/monit/socket
                    allow localhost
                check process etcd with pidfile /var/vcap/sys/run/etcd/etcd.pid
                    start program = "/var/vcap/jobs/etcd/bin/ctl start"
                    stop program = "/var/vcap/jobs/etcd/bin/ctl stop"
                """);
        Files.setPosixFilePermissions(monitrc, PosixFilePermissions.fromString("rwx------"));
        ProcessBuilder monit = new ProcessBuilder(
                        seeing(List.of("/usr/bin/monit", "-I", "-c", "/var/vcap/monit/monitrc")))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("monit.log").toFile());
        processes.add(monit.start());
        Await.until(() -> run("/usr/bin/etcdctl", "endpoint", "health").isPresent());
        for (int i = 0; i < 200; i++) {
            etcd("put", "key " + i, "it's \"odd\" 🐘\n" + i);
        }
        String before = etcd("get", "", "--prefix");
        agent(settings);
        String backup = backup();
        etcd("del", "key 1", "--prefix");
        etcd("put", "another", "one");
        assertThat(etcd("get", "", "--prefix")).isNotEqualTo(before);
        manager.orderRestore(backup, 24);
        RestoreResult result = restored();
        assertThat(etcd("get", "", "--prefix")).isEqualTo(before);
        assertThat(result.kept()).hasSize(1);
        assertThat(vcap.resolve("sys/log/monit.log"))
                .content()
                .as("monit has stopped and started it")
                .containsPattern("'etcd' stop:[\\s\\S]*'etcd' start:");
        etcd("put", "written", "afterwards");
    }

    @Test
    void sqliteIsReplacedWhileItIsInUse() throws Exception {
        Map<String, Object> settings = example("## SQLite");
        Path database = Files.createDirectories(vcap.resolve("store/app")).resolve("app.db");
        sqlite(
                database,
                "PRAGMA journal_mode = wal; PRAGMA user_version = 7; CREATE TABLE t (x); INSERT INTO t VALUES (x'00ff'), ('🐘')");
        String before = sqlite(database, ".dump", "PRAGMA user_version");
        Process agent = agent(settings);
        String backup = backup();
        sqlite(database, "DELETE FROM t; CREATE TABLE u (x); PRAGMA user_version = 8");
        // For a while somebody else writes.
        processes.add(new ProcessBuilder("sqlite3", database.toString(), "BEGIN EXCLUSIVE", ".shell sleep 3", "COMMIT")
                .start());
        manager.orderRestore(backup, 24);
        restored();
        assertThat(sqlite(database, ".dump", "PRAGMA user_version")).isEqualTo(before);

        Files.write(database, "no database of SQLite's".repeat(1000).getBytes(StandardCharsets.US_ASCII));
        manager.orderRestore(backup, 24);
        JobFailure failure = failedRestore();
        assertThat(failure.code()).isEqualTo(FailureCode.DUMP_FAILED);
        assertThat(failure.message()).contains("what the restore would replace cannot be saved", "not a database");
        assertThat(failure.hint()).contains("set adapter.pre_restore_copy to false");
        agent.destroy();
        agent.waitFor();
        manager.answerClaim(); // the one that it has left
        settings.put("pre_restore_copy", false);
        agent(settings);
        manager.orderRestore(backup, 24);
        assertThat(restored().kept()).isEmpty();
        assertThat(sqlite(database, ".dump", "PRAGMA user_version")).isEqualTo(before);
    }

    /** Writes the scripts of a section to their places, and gives its settings. */
    private Map<String, Object> example(String heading) throws IOException {
        String page = document("adapters/command.md");
        int begin = page.indexOf(heading + "\n");
        Matcher blocks = BLOCK.matcher(page.substring(begin, page.indexOf("\n## ", begin + 1)));
        Map<String, Object> settings = new LinkedHashMap<>();
        while (blocks.find()) {
            String text = blocks.group(2);
            if (blocks.group(1).equals("yaml")) {
                Map<String, Object> read = new Yaml(new SafeConstructor(new LoaderOptions())).load(text);
                settings.putAll(read);
            } else {
                List<String> lines = text.lines().toList();
                assertThat(lines.get(0)).isEqualTo("#!/bin/sh");
                write(vcap.resolve(lines.get(1).replaceFirst("^# /var/vcap/", "")), text);
            }
        }
        assertThat(settings).containsEntry("kind", "command");
        return settings;
    }

    private void script(String place, String text) throws IOException {
        write(vcap.resolve(place), "#!/bin/sh\n" + text);
    }

    private static void write(Path script, String text) throws IOException {
        Files.createDirectories(script.resolveSibling("."));
        Files.writeString(script, text);
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Process agent(Map<String, Object> settings) throws IOException {
        Path file = directory.resolve("config.json");
        Files.writeString(file, Json.mapper().writeValueAsString(AgentProcess.config(manager, directory, settings)));
        Process agent = AgentProcess.start(
                file, directory, AgentProcess.SHORT_LIVED, AgentProcess.runtimeClassPath(), seeing(List.of()));
        processes.add(agent);
        return agent;
    }

    /** Has a command see the test's folder as {@code /var/vcap}. */
    private List<String> seeing(List<String> command) {
        List<String> all = new ArrayList<>(List.of(
                "unshare", "--mount", "sh", "-c", "mount --bind \"$0\" /var/vcap && exec \"$@\"", vcap.toString()));
        all.addAll(command);
        return all;
    }

    private static String etcd(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("/usr/bin/etcdctl"));
        command.addAll(List.of(arguments));
        return run(command.toArray(String[]::new)).orElseThrow(() -> new IOException("failed: " + command));
    }

    private static String sqlite(Path database, String... commands) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("/usr/bin/sqlite3", "-bail", database.toString()));
        command.addAll(List.of(commands));
        return run(command.toArray(String[]::new)).orElseThrow(() -> new IOException("failed: " + command));
    }

    /** What it says; empty when it fails. */
    private static Optional<String> run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() == 0 ? Optional.of(output) : Optional.empty();
    }
}
