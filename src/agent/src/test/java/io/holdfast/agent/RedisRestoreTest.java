package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.adapter.Adapter;
import io.holdfast.agent.attempt.CrashPoint;
import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.config.RedisConfig;
import io.holdfast.agent.process.Command;
import io.holdfast.agent.process.ProcessRunner;
import io.holdfast.agent.standin.StandInManager;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Hello;
import io.holdfast.protocol.JobFailure;
import io.holdfast.testbed.RedisServer;
import io.holdfast.testbed.SmallDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Restores into a Redis whose disk, or whose second server, cannot take the data. */
class RedisRestoreTest {
    /** Noise, in so many values of 100,000 bytes. */
    private static final String FILL = """
            local bytes = {}
            for i = 1, 100000 do bytes[i] = string.char(math.random(0, 255)) end
            local text = table.concat(bytes)
            for i = 1, ARGV[1] do redis.call('SET', 'large' .. i, i .. text) end
            """;

    @TempDir
    Path directory = Path.of("");

    private StandInManager manager;

    @BeforeEach
    void startManager() throws IOException {
        manager = new StandInManager(directory);
    }

    @AfterEach
    void stopManager() {
        manager.close();
    }

    @Test
    void dl04_serverThatCannotWriteTheBackupToItsDiskKeepsItsOldData() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(Files.createTempDirectory("holdfast-redis-disk"), 4_000_000);
                RedisServer server = RedisServer.startWith(
                        "dir " + disk.path(), "appendonly no", "save 3600 1000000", "stop-writes-on-bgsave-error no")) {
            server.call("EVAL", FILL, "0", "60");
            try (RunningAgent _ = agent(server)) {
                String backup = backup();
                server.calls("FLUSHALL\nSET old x\n");
                for (String appendonly : List.of("no", "yes")) {
                    server.call("CONFIG", "SET", "appendonly", appendonly);
                    Await.until(() -> server.call("INFO", "persistence").contains("aof_rewrite_in_progress:0"));
                    manager.orderRestore(backup, 24);
                    JobFailure failure = (JobFailure) manager.report();
                    assertThat(failure.code()).as(failure.message()).isEqualTo(FailureCode.RESTORE_FAILED);
                    assertThat(failure.message()).contains("cannot write its data to its disk");
                    assertThat(failure.liveData()).isEqualTo(JobFailure.LiveData.UNTOUCHED);
                    assertThat(server.call("SET", "old", "x"))
                            .as("it takes writes")
                            .isEqualTo("OK");
                    server.kill();
                    server.restart();
                    assertThat(server.call("KEYS", "*")).as("on its disk").isEqualTo("old");
                }
            }
        }
    }

    @Test
    void dl04_oldDataThatIsBackButNotOnTheDiskIsToldAndLeftToItsUsers() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(Files.createTempDirectory("holdfast-redis-disk"), 4_000_000);
                RedisServer server = RedisServer.startWith(
                        "dir " + disk.path(), "appendonly no", "save 3600 1000000", "stop-writes-on-bgsave-error no")) {
            server.calls("SET old x\n");
            Path ballast = disk.path().resolve("ballast");
            try (RunningAgent _ = agent(server)) {
                String backup = backup();
                fillUp(ballast);
                manager.orderRestore(backup, 24);
                JobFailure failure = (JobFailure) manager.report();
                assertThat(failure.code()).as(failure.message()).isEqualTo(FailureCode.NEEDS_OPERATOR);
                assertThat(failure.message()).contains("the old data is back and accepts writes");
                assertThat(failure.liveData()).isEqualTo(JobFailure.LiveData.NEEDS_OPERATOR);
                server.calls("SET later x\n");
            }
            Files.delete(ballast);
            try (RunningAgent _ = agent(server)) {
                Await.until(() -> children("restores").isEmpty());
            }
            server.kill();
            server.restart();
            assertThat(server.call("KEYS", "*").lines()).containsExactlyInAnyOrder("old", "later");
        }
    }

    @Test
    void commandThatTheServerHasUnderAnotherNameIsMissedAtHelloAndBeforeAnythingIsPaused() throws Exception {
        try (RedisServer server = RedisServer.startWith("rename-command REPLICAOF hidden")) {
            server.calls("SET old x\n");
            try (RunningAgent _ = agent(server)) {
                String backup = backup();
                assertThat(Objects.requireNonNull(manager.hello()).warnings())
                        .singleElement()
                        .asString()
                        .contains("does not know REPLICAOF", "rename-command");
                manager.orderRestore(backup, 24);
                JobFailure failure = (JobFailure) manager.report();
                assertThat(failure.code()).as(failure.message()).isEqualTo(FailureCode.ENGINE_INCOMPATIBLE);
                assertThat(failure.hint()).contains("rename-command");
                assertThat(server.call("SET", "old", "y")).isEqualTo("OK");
            }
        }
    }

    @Test
    void backupThatASecondServerCannotLoadIsRefusedBeforeAnythingIsPaused() throws Exception {
        try (RedisServer server = RedisServer.start()) {
            server.call("EVAL", FILL, "0", "300");
            Path tools = tool("ulimit -v 70000; exec " + RedisServer.program() + " \"$@\"");
            try (RunningAgent _ = agent(server, List.of(tools.toString()), CrashPoints.none())) {
                String backup = backup();
                manager.orderRestore(backup, 24);
                JobFailure failure = (JobFailure) manager.report();
                assertThat(failure.code()).as(failure.message()).isEqualTo(FailureCode.RESTORE_FAILED);
                assertThat(failure.message()).contains("the second server could not load the snapshot");
                assertThat(failure.liveData()).isEqualTo(JobFailure.LiveData.UNTOUCHED);
                assertThat(server.call("INFO", "commandstats")).doesNotContain("client|pause", "replicaof");
                Await.until(() -> children("restores").isEmpty());
                assertThat(children("staged")).isEmpty();
            }
        }
    }

    @Test
    void serverThatNeverFollowedIsOpenedWithoutASecondOne() throws Exception {
        Path tools = Files.createDirectory(directory.resolve("tools"));
        Path program =
                Files.createSymbolicLink(tools.resolve(RedisServer.program().getFileName()), RedisServer.program());
        CrashPoints removing = point -> {
            if (point == CrashPoint.LIVE_DATA_CLOSED) {
                delete(program);
            }
        };
        try (RedisServer server = RedisServer.start()) {
            server.calls("SET old x\n");
            try (RunningAgent _ = agent(server, List.of(tools.toString()), removing)) {
                String backup = backup();
                manager.orderRestore(backup, 24);
                JobFailure failure = (JobFailure) manager.report();
                assertThat(failure.code()).as(failure.message()).isEqualTo(FailureCode.TOOL_MISSING);
                assertThat(failure.liveData()).isEqualTo(JobFailure.LiveData.UNTOUCHED);
                assertThat(server.call("SET", "later", "x")).isEqualTo("OK");
                assertThat(server.call("INFO", "commandstats"))
                        .contains("client|pause")
                        .doesNotContain("replicaof");
            }
        }
    }

    @Test
    void serverProgramOfAnotherVersionIsRefused() throws Exception {
        try (RedisServer server = RedisServer.start()) {
            String product = RedisServer.product();
            Path tools = tool("[ $1 = --version ] && echo '"
                    + product.replace("r", "R").replace("v", "V") + " server v=6.2.14 sha=0 bits=64' && exit\nexit 1");
            try (RunningAgent _ = agent(server, List.of(tools.toString()), CrashPoints.none())) {
                String backup = backup();
                manager.orderRestore(backup, 24);
                JobFailure failure = (JobFailure) manager.report();
                assertThat(failure.code()).as(failure.message()).isEqualTo(FailureCode.TOOL_VERSION);
                assertThat(failure.message())
                        .contains("is " + product + "-server 6.2.14, and the server is " + product + " ");
                assertThat(failure.hint()).contains("adapter.tool_directories");
                assertThat(failure.liveData()).isEqualTo(JobFailure.LiveData.UNTOUCHED);
            }
        }
    }

    /** Each is one more name of the same program here: Debian 12 has no package of Valkey. */
    @Test
    void secondServerIsTheServicesOwnProgramWhereBothAreInstalled() throws Exception {
        Path one = Files.createDirectory(directory.resolve("one"));
        Path other = Files.createDirectory(directory.resolve("other"));
        Files.createSymbolicLink(one.resolve("redis-server"), RedisServer.program());
        Files.createSymbolicLink(other.resolve("valkey-server"), RedisServer.program());
        for (String kind : List.of("redis", "valkey")) {
            RedisConfig config = new RedisConfig(
                    kind,
                    "127.0.0.1",
                    1,
                    null,
                    null,
                    null,
                    "127.0.0.1",
                    List.of(one.toString(), other.toString()),
                    Duration.ofMinutes(1),
                    Command.UNLIMITED);
            try (Adapter adapter = Main.adapter(config, directory, new ProcessRunner())) {
                assertThat(adapter.inspect().tools())
                        .extracting(Hello.Tool::name)
                        .containsExactly(kind + "-server");
            }
        }
    }

    private Path tool(String script) throws IOException {
        Path tools = Files.createDirectory(directory.resolve("tools"));
        Path program =
                Files.writeString(tools.resolve(RedisServer.program().getFileName()), "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        return tools;
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void fillUp(Path file) throws IOException {
        try (var out = Files.newOutputStream(file)) {
            while (true) {
                out.write(new byte[1 << 16]);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
        }
    }

    private String backup() throws Exception {
        String backup = manager.orderBackup();
        assertThat(manager.report()).isInstanceOf(BackupResult.class);
        return backup;
    }

    private RunningAgent agent(RedisServer server) throws IOException {
        return agent(server, RedisConfig.DEFAULT_TOOL_DIRECTORIES, CrashPoints.none());
    }

    private RunningAgent agent(RedisServer server, List<String> tools, CrashPoints points) throws IOException {
        RedisConfig config = new RedisConfig(
                RedisServer.product(),
                server.host(),
                server.port(),
                null,
                server.password(),
                null,
                "127.0.0.1",
                tools,
                Duration.ofMinutes(1),
                Command.UNLIMITED);
        return new RunningAgent(manager, config, directory, points);
    }

    private List<Path> children(String folder) throws IOException {
        try (var files = Files.list(directory.resolve(folder))) {
            return files.toList();
        }
    }
}
