package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.config.RedisConfig;
import io.holdfast.agent.process.Command;
import io.holdfast.agent.standin.StandInManager;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import io.holdfast.testbed.RedisServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a backup of a real Redis asks of the server, and what it makes of a damaged answer. */
class RedisBackupTest {
    private static final String PASSWORD = "PASSWORD";
    private static final String VALUE = "a value that is not compressed";

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
    void backupByThePagesUserWritesNothingToTheServersDisk() throws Exception {
        try (RedisServer server = RedisServer.startWith("appendonly no", "save 3600 1000000")) {
            server.calls(backupOnlyUser() + "\nACL SAVE\nSET key value\nSAVE\nSET other value\n");
            Path dir =
                    Path.of(server.call("CONFIG", "GET", "dir").lines().toList().getLast());
            List<String> before = files(dir);
            String saved = saves(server);
            assertThat(saved).contains("rdb_changes_since_last_save:1", "rdb_saves:1");
            try (RunningAgent _ = agent(server.port(), "holdfast", PASSWORD)) {
                manager.orderBackup();
                assertThat(manager.report()).isInstanceOf(BackupResult.class);
            }
            assertThat(server.call("INFO", "commandstats")).contains("cmdstat_sync:");
            assertThat(saves(server)).isEqualTo(saved);
            assertThat(files(dir)).isEqualTo(before);
        }
    }

    @Test
    void dl02_snapshotThatIsDamagedOnItsWayFailsTheBackup() throws Exception {
        try (RedisServer server = RedisServer.start();
                ServerSocket relay = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            server.call("SET", "key", VALUE);
            Thread.ofVirtual().start(() -> relay(relay, server.port()));
            try (RunningAgent _ = agent(relay.getLocalPort(), null, server.password())) {
                manager.orderBackup();
                JobFailure failure = (JobFailure) manager.report();
                assertThat(failure.code()).as(failure.message()).isEqualTo(FailureCode.INCOMPLETE_DUMP);
                assertThat(failure.message()).contains("the snapshot does not have its checksum");
            }
        }
    }

    /** The first user of the adapter's page. */
    private static String backupOnlyUser() throws IOException {
        String user = AdapterContract.document("adapters/redis.md")
                .lines()
                .filter(line -> line.strip().startsWith("ACL SETUSER holdfast"))
                .findFirst()
                .orElseThrow();
        assertThat(user).contains(">" + PASSWORD).doesNotContain("+config");
        return user.strip();
    }

    /** What the server has saved so far, with when. */
    private static String saves(RedisServer server) {
        return server.call("LASTSAVE") + "\n"
                + String.join(
                        "\n",
                        server.call("INFO", "persistence")
                                .lines()
                                .filter(line -> line.matches("rdb_(changes_since_last_save|saves|last_save_time):.*"))
                                .toList());
    }

    private static List<String> files(Path dir) throws IOException {
        try (var files = Files.walk(dir)) {
            return files.filter(file -> !file.endsWith("server.log"))
                    .map(file -> file + " " + file.toFile().lastModified() + " "
                            + file.toFile().length())
                    .sorted()
                    .toList();
        }
    }

    private RunningAgent agent(int port, @Nullable String user, String password) throws IOException {
        RedisConfig config = new RedisConfig(
                RedisServer.product(),
                "127.0.0.1",
                port,
                user,
                password,
                null,
                "127.0.0.1",
                RedisConfig.DEFAULT_TOOL_DIRECTORIES,
                Duration.ofMinutes(1),
                Command.UNLIMITED);
        return new RunningAgent(manager, config, directory, CrashPoints.none());
    }

    /** Passes everything on, but changes one letter of the value. */
    private static void relay(ServerSocket relay, int port) {
        while (!relay.isClosed()) {
            try {
                Socket client = relay.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
                Thread.ofVirtual().start(() -> pass(client, server, VALUE));
                Thread.ofVirtual().start(() -> pass(server, client, VALUE.replace('v', 'w')));
            } catch (IOException e) {
                // The end of the test.
            }
        }
    }

    private static void pass(Socket from, Socket to, String value) {
        byte[] buffer = new byte[1 << 16];
        try (from;
                to;
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                String text = new String(buffer, 0, n, StandardCharsets.ISO_8859_1);
                out.write(text.replace(VALUE, value).getBytes(StandardCharsets.ISO_8859_1));
            }
        } catch (IOException e) {
            // One side went away.
        }
    }
}
