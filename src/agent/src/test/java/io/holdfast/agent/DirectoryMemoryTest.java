package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.standin.StandInManager;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.RestoreResult;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Very many small files, and an agent with the memory that it is shipped with. */
class DirectoryMemoryTest {
    private static final long MOST_KILOBYTES = 132 * 1024;

    @TempDir
    Path directory;

    private StandInManager manager;

    @BeforeEach
    void start() throws Exception {
        manager = new StandInManager(directory);
    }

    @AfterEach
    void stop() {
        manager.close();
    }

    @Test
    void thirtyThousandFilesAreBackedUpAndRestoredWithinTheMemoryBound() throws Exception {
        backUpAndRestore(30);
    }

    @Test
    @Tag("slow")
    void aMillionFilesAreBackedUpAndRestoredWithinTheMemoryBound() throws Exception {
        backUpAndRestore(1000);
    }

    /** Half of all files are in one directory, the others in directories of a thousand. */
    private void backUpAndRestore(int thousands) throws Exception {
        Path tree = directory.resolve("parent/data");
        HardTree.shell(
                "mkdir -p \"$1/many\"; cd \"$1\"; for t in $(seq " + thousands / 2
                        + "); do mkdir d$t; eval \"touch d$t/{1..1000} many/$t-{1..1000}\"; done",
                tree);
        Process agent = AgentProcess.start(
                AgentProcess.config(manager, directory, Map.of("kind", "directory", "path", tree.toString())),
                directory,
                List.of());
        try {
            String backup = manager.orderBackup();
            assertThat(manager.report()).isInstanceOf(BackupResult.class);
            assertThat(manager.result(backup).facts()).containsEntry("files", thousands * 1000L);
            manager.orderRestore(backup, 24);
            assertThat(manager.report()).isInstanceOf(RestoreResult.class);
            assertThat(HardTree.shell("find \"$1\" -type f | wc -l", tree).strip())
                    .isEqualTo(Integer.toString(thousands * 1000));
            long peak = AgentProcess.peakKilobytes(agent);
            System.out.println("peak memory in KB with " + thousands * 1000 + " files: " + peak);
            assertThat(peak).isLessThan(MOST_KILOBYTES);
        } finally {
            agent.destroyForcibly();
        }
    }
}
