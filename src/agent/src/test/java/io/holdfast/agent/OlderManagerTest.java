package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.config.DirectoryConfig;
import io.holdfast.agent.config.DirectoryConfig.ChangingFiles;
import io.holdfast.agent.process.ProcessRunner;
import io.holdfast.agent.transfer.StorePatience;
import io.holdfast.agent.work.StatusFile;
import io.holdfast.protocol.ProtocolVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An agent that was upgraded before its manager: it does not work for it, says why, and asks again. */
class OlderManagerTest extends AdapterFixture {
    private Path tree = Path.of("");

    @BeforeEach
    void fill() throws IOException {
        tree = Files.createDirectories(directory.resolve("parent/data"));
        Files.writeString(tree.resolve("file"), "as backed up");
    }

    @Override
    DirectoryConfig config() {
        return new DirectoryConfig(tree, List.of(), false, ChangingFiles.WARN);
    }

    @Override
    String page() {
        return "directory";
    }

    @Test
    void managerOfAnOlderProtocolIsNotWorkedFor() throws Exception {
        assertNotWorkedFor(ProtocolVersion.OLDEST - 1, "the manager speaks protocol 2, this agent 3 to 3");
    }

    @Test
    void managerThatNamesNoProtocolIsNotWorkedFor() throws Exception {
        assertNotWorkedFor(null, "the manager speaks protocol 1, this agent 3 to 3");
    }

    @Test
    void managerThatRefusesUnknownFieldsIsNotWorkedFor() throws Exception {
        manager.refuseUnknownFields(true);
        assertNotWorkedFor(null, "the manager does not understand this agent");
    }

    private RunningAgent agentWith(StatusFile status) throws IOException {
        return new RunningAgent(
                manager,
                config(),
                directory,
                CrashPoints.none(),
                StorePatience.withOutage(Duration.ofMinutes(1)),
                new ProcessRunner(),
                status);
    }

    private void assertNotWorkedFor(@Nullable Integer protocol, String reason) throws Exception {
        manager.speak(protocol);
        Path status = directory.resolve("status");
        try (RunningAgent agent = agentWith(new StatusFile(status))) {
            String backup = manager.orderBackup();
            Await.until(() -> manager.hellos() >= 3);
            assertThat(status)
                    .content()
                    .startsWith("connecting\n")
                    .contains(reason, ": it has to be upgraded first")
                    .doesNotContain("Exception");
            assertThat(manager.claims()).isZero();

            manager.refuseUnknownFields(false);
            manager.speak(ProtocolVersion.NEWEST);
            assertThat(manager.report()).isEqualTo(manager.result(backup));
            assertThat(status).content().startsWith("ready\n");
            assertNothingLeft(agent);
        }
    }
}
