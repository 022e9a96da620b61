package io.holdfast.agent.work;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.JobId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an agent says of the one before it. */
class LastLifeTest {
    @TempDir
    Path folder;

    /** A JVM with the options that agents are shipped with, which works on a job until there is no memory left. */
    public static final class Glutton {
        private Glutton() {}

        public static void main(String[] args) throws IOException {
            LastLife life = LastLife.begin(Path.of(args[0]));
            life.works(new JobId(7), "backup b-1");
            List<byte[]> all = new ArrayList<>();
            while (all.size() < 1000) {
                all.add(new byte[1 << 20]);
            }
            life.works(new JobId(all.size()), "never reached"); // the file is open until then
        }
    }

    @Test
    void t2_agentThatHadNoMemoryLeftIsToldWithItsJob() throws Exception {
        Path root = Path.of(System.getProperty("holdfast.root", "../.."));
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "@" + root.resolve("src/agent/jvm.options"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Glutton.class.getName(),
                        folder.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        int exit = process.waitFor();
        assertThat(exit).as(Files.readString(folder.resolve("log"))).isEqualTo(3); // ExitOnOutOfMemoryError
        assertThat(LastLife.begin(folder).warnings())
                .singleElement()
                .asString()
                .startsWith(
                        "the agent before this one ran out of memory while it worked on job 7 (backup b-1), since 2")
                .contains("memory_mb");
    }

    @Test
    void whoEndsAsToldLeavesNothingAndWhoIsKilledDoes() throws Exception {
        try (LastLife first = LastLife.begin(folder)) {
            assertThat(first.warnings()).isEmpty();
            first.works(new JobId(3), "restore of b-1");
            first.idle();
        }
        assertThat(folder).isEmptyDirectory();
        LastLife killed = LastLife.begin(folder);
        assertThat(killed.warnings()).isEmpty();
        killed.works(new JobId(4), "backup b-2");
        LastLife next = LastLife.begin(folder);
        assertThat(next.warnings())
                .singleElement()
                .asString()
                .startsWith("the agent before this one ended unexpectedly while it worked on job 4 (backup b-2)");
        next.close();
        assertThat(LastLife.begin(folder).warnings()).isEmpty();
    }

    @Test
    void anEmptyFileIsOneToo() throws Exception {
        Files.createFile(folder.resolve("at-work"));
        assertThat(LastLife.begin(folder).warnings()).singleElement().asString().contains("it waited for a job");
    }
}
