package io.holdfast.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.testbed.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A manager that cannot start leaves nothing behind, and one that ends neither. */
class ManagerStartTest {
    @TempDir
    Path folder;

    private final int port = FreePorts.one();
    private final int agentsPort = FreePorts.one();

    private Map<String, Object> with(String section, Object value) {
        return Map.of("listen", "127.0.0.1:" + port, "agents_listen", "127.0.0.1:" + agentsPort, section, value);
    }

    private static void requireFree(int... ports) throws IOException {
        for (int each : ports) {
            new ServerSocket(each, 1, InetAddress.getLoopbackAddress()).close();
        }
    }

    @Test
    void whereAPortIsTakenNothingIsTouched() throws Exception {
        try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> new RunningManager(folder, with("memory_alert_mb", 1)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("cannot listen on")
                    .hasMessageContaining(Integer.toString(port));
        }
        assertThat(folder.resolve("state")).doesNotExist();
        assertThat(folder.resolve("store")).doesNotExist();
        requireFree(port, agentsPort);
    }

    @Test
    void aStartThatFailsInTheMiddleLetsGoOfWhatItHad() throws Exception {
        Path noSecret = Files.writeString(folder.resolve("no-secret"), "too short");
        Map<String, Object> noKeys = with("keys", Map.of("secret_file", noSecret.toString()));
        assertThatThrownBy(() -> new RunningManager(folder, noKeys))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot be used");
        assertThat(folder.resolve("state")).exists();
        requireFree(port, agentsPort);
        // Its lock on the database is free too.
        new RunningManager(folder, with("memory_alert_mb", 1)).close();
    }

    /** Those that carry virtual threads, and wait for sockets and processes for all of them. */
    private static boolean isOfTheJdk(Thread thread) {
        ThreadGroup group = thread.getThreadGroup();
        return group == null
                || group.getParent() == null
                || group.getName().equals("InnocuousThreadGroup")
                || thread.getClass().getName().equals("jdk.internal.misc.CarrierThread");
    }

    @Test
    void noThreadOutlivesItsManager() throws Exception {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        RunningManager running = new RunningManager(folder);
        Set<Thread> its = new HashSet<>(Thread.getAllStackTraces().keySet());
        its.removeAll(before);
        its.removeIf(ManagerStartTest::isOfTheJdk);
        List<String> names = its.stream().map(Thread::getName).toList();
        assertThat(names)
                .contains(
                        "commit backups",
                        "verify backups",
                        "retention",
                        "end jobs whose lease has expired",
                        "probe the store");
        running.close();
        assertThat(its.stream().filter(Thread::isAlive).map(Thread::getName)).isEmpty();
        requireFree(running.port, running.agentsPort);
    }
}
