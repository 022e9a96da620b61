package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.standin.StandInManager;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.RestoreResult;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A dump that is known to be large and cannot be compressed: segments, and their objects, are as large as any can be. */
class LargeDumpMemoryTest {
    private static final long MOST_KILOBYTES = 128 * 1024;
    private static final long BYTES = 300L * 1024 * 1024;

    @TempDir
    Path directory = Path.of("");

    @Test
    void isBackedUpAndRestoredWithinTheMemoryBound() throws Exception {
        try (StandInManager manager = new StandInManager(directory)) {
            Process agent = AgentProcess.start(
                    AgentProcess.config(
                            manager,
                            directory,
                            Map.of(
                                    "kind",
                                    "command",
                                    "dump_command",
                                    List.of("/usr/bin/head", "-c", Long.toString(BYTES), "/dev/urandom"),
                                    "restore_command",
                                    List.of("/bin/sh", "-c", "cat > /dev/null"),
                                    "size_command",
                                    List.of("/bin/echo", Long.toString(BYTES)),
                                    "minimum_bytes",
                                    BYTES,
                                    "pre_restore_copy",
                                    false)),
                    directory,
                    List.of());
            try {
                String backup = manager.orderBackup();
                assertThat(manager.report()).isInstanceOf(BackupResult.class);
                assertThat(manager.result(backup).artifacts().getFirst().meanBytes())
                        .isEqualTo(1024 * 1024);
                long afterBackup = AgentProcess.peakKilobytes(agent);
                manager.orderRestore(backup, 24);
                assertThat(manager.report()).isInstanceOf(RestoreResult.class);
                long afterRestore = AgentProcess.peakKilobytes(agent);
                System.out.println("peak memory in KB: backup " + afterBackup + ", restore " + afterRestore);
                assertThat(afterRestore).isLessThan(MOST_KILOBYTES);
            } finally {
                agent.destroyForcibly();
            }
        }
    }
}
