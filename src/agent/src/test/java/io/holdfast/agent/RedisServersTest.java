package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.adapter.Adapter;
import io.holdfast.agent.adapter.ServiceInspection;
import io.holdfast.agent.config.AdapterConfig;
import io.holdfast.agent.config.RedisConfig;
import io.holdfast.agent.process.Command;
import io.holdfast.agent.process.ProcessRunner;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Hello;
import io.holdfast.protocol.JobFailure;
import io.holdfast.testbed.RedisServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What differs from server to server: versions, settings, and programs beside them. */
class RedisServersTest extends AdapterFixture {
    private RedisServer server;

    @BeforeEach
    void startServer() {
        server = RedisServer.start();
        tools = RedisServer.toolDirectories();
        idle = Duration.ofMinutes(1);
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    private List<String> tools = List.of();
    private Duration idle = Duration.ZERO;

    @Override
    AdapterConfig config() {
        return new RedisConfig(
                RedisServer.product(),
                server.host(),
                server.port(),
                null,
                server.password(),
                null,
                "127.0.0.1",
                tools,
                idle,
                Command.UNLIMITED);
    }

    @Override
    String page() {
        return "redis";
    }

    /** An empty server, as Redis 8.0 has it, tells a size that was wrapped around below zero. */
    @Test
    void r1_emptyServerIsBackedUpAndRestoredInto() throws Exception {
        try (RunningAgent agent = agent()) {
            String nothing = backup();
            server.calls("SET key value\n");
            String something = backup();
            manager.orderRestore(nothing, 24);
            restored();
            assertThat(server.call("DBSIZE")).isEqualTo("0");
            manager.orderRestore(something, 24);
            restored();
            assertThat(server.call("GET", "key")).isEqualTo("value");
            assertNothingLeft(agent);
        }
    }

    /** The newest kinds of data that the server knows: for them it has to send its own format. */
    @Test
    void r2_dataThatOnlyThisVersionHasComesBack() throws Exception {
        try (RunningAgent agent = agent()) {
            // Commands that the server is too old for are refused, one by one.
            server.calls("""
                    SET key value
                    HSET hash a 1 b 2
                    HPEXPIREAT hash 4102444800123 FIELDS 1 a
                    VADD vectors VALUES 3 1 2 3 element
                    """);
            String before = listing(server);
            String backup = backup();
            server.calls("FLUSHALL\n");
            manager.orderRestore(backup, 24);
            restored();
            assertThat(listing(server)).isEqualTo(before);
            assertNothingLeft(agent);
        }
    }

    /** Of the same product; that is what scripts/versions has it for. */
    @Test
    void backupOfAnOlderServerIsRestoredIntoThisOne() throws Exception {
        RedisServer newer = server;
        try (RedisServer older = RedisServer.older()) {
            older.calls("""
                    FLUSHALL
                    SET key value
                    HSET hash a 1 b 2
                    HPEXPIREAT hash 4102444800123 FIELDS 1 a
                    XADD stream 1-1 f v
                    FUNCTION LOAD "#!lua name=lib\\n redis.register_function('f', function() return 1 end)"
                    ACL SETUSER app reset on >app-password ~* +@all -flushall
                    """);
            List<String> before = commonListing(older);
            String expiry = expiry(older);
            String backup;
            server = older;
            try (RunningAgent _ = agent()) {
                backup = backup();
            } finally {
                server = newer;
            }
            try (RunningAgent agent = agent()) {
                manager.orderRestore(backup, 24);
                restored();
                assertThat(commonListing(server)).isEqualTo(before);
                if (!expiry.contains("unknown command")) {
                    assertThat(expiry(server)).isEqualTo(expiry);
                }
                assertThat(server.call("ACL", "USERS")).contains("app");
                assertNothingLeft(agent);
            }
        }
    }

    /** What all versions can tell. */
    private static List<String> commonListing(RedisServer server) {
        String keys = server.calls("KEYS *\nGET key\nHGETALL hash\n");
        String stream = server.call("XRANGE", "stream", "-", "+");
        return (keys + stream + "\n" + server.call("FUNCTION", "LIST"))
                .lines()
                .sorted()
                .toList();
    }

    private static String expiry(RedisServer server) {
        return server.calls("HPEXPIRETIME hash FIELDS 2 a b\n");
    }

    private static String listing(RedisServer server) {
        return server.calls("""
                KEYS *
                GET key
                HGETALL hash
                HPEXPIRETIME hash FIELDS 2 a b
                VEMB vectors element
                """).lines().sorted().toList().toString();
    }

    @Test
    void r3_serverThatServesNoStaleDataWritesARestoreToItsDisk() throws Exception {
        for (String appendonly : List.of("no", "yes")) {
            server.close();
            server = RedisServer.startWith("replica-serve-stale-data no", "appendonly " + appendonly, "save 3600 1");
            try (RunningAgent agent = agent()) {
                server.calls("SET key value\n");
                String backup = backup();
                server.calls("SET key other\n");
                manager.orderRestore(backup, 24);
                restored();
                assertThat(server.call("CONFIG", "GET", "replica-serve-stale-data"))
                        .endsWith("no");
                server.kill();
                server.restart();
                assertThat(server.call("GET", "key")).as(appendonly).isEqualTo("value");
                assertNothingLeft(agent);
            }
        }
    }

    @Test
    void r4_programThatCannotBeFollowedIsToldAtHello() throws Exception {
        String version = server.call("INFO", "server")
                .lines()
                .filter(line -> line.startsWith(RedisServer.product() + "_version:"))
                .findFirst()
                .orElseThrow()
                .replaceFirst(".*:", "");
        assertThat(inspection(tool("redis-server", "6.2.14")).warnings())
                .singleElement()
                .asString()
                .contains("no backup can be restored with it", "redis-server 6.2.14", version, "tool_directories");
        assertThat(inspection(tool("redis-server", "99.1.0")).tools())
                .extracting(Hello.Tool::warning)
                .singleElement()
                .asString()
                .contains("redis-server 99.1.0");
        assertThat(inspection(RedisServer.toolDirectories()).warnings()).isEmpty();

        tools = tool("valkey-server", "8.0.1"); // another product, whatever its number
        try (RunningAgent _ = agent()) {
            Await.until(() -> manager.hello() != null);
            assertThat(Objects.requireNonNull(manager.hello()).warnings())
                    .singleElement()
                    .asString()
                    .contains("valkey-server 8.0.1");
            String backup = backup();
            manager.orderRestore(backup, 24);
            assertThat(failedRestore().code()).isEqualTo(FailureCode.TOOL_VERSION);
        }
    }

    /** It stands still without closing its connections: neither a backup nor the agent's own questions wait for ever. */
    @Test
    void serverThatStandsStillIsGivenUp() throws Exception {
        idle = Duration.ofSeconds(2);
        try (RunningAgent agent = agent()) {
            String backup = backup();
            server.suspend();
            try {
                manager.orderBackup();
                assertThat(((JobFailure) manager.report()).code()).isEqualTo(FailureCode.TOOL_TIMEOUT);
                manager.orderRestore(backup, 24);
                assertThat(failedRestore().code()).isEqualTo(FailureCode.TOOL_TIMEOUT);
            } finally {
                server.resume();
            }
            backup();
            assertNothingLeft(agent);
        }
    }

    private ServiceInspection inspection(List<String> folders) throws Exception {
        tools = folders;
        try (Adapter adapter = Main.adapter(config(), directory, new ProcessRunner())) {
            return adapter.inspect();
        }
    }

    private List<String> tool(String name, String version) throws Exception {
        Path folder = Files.createTempDirectory(directory, "tools");
        Path program =
                Files.writeString(folder.resolve(name), "#!/bin/sh\necho 'A server v=" + version + " sha=0 bits=64'\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        return List.of(folder.toString());
    }
}
