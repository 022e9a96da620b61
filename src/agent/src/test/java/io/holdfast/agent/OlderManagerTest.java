package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.config.DirectoryConfig;
import io.holdfast.agent.config.DirectoryConfig.ChangingFiles;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Heartbeat;
import io.holdfast.protocol.Hello;
import io.holdfast.protocol.Phase;
import io.holdfast.protocol.ProtocolVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An agent whose manager speaks the first protocol, and refuses fields that it does not know. */
class OlderManagerTest extends AdapterFixture {
    private Path tree = Path.of("");

    @BeforeEach
    void fill() throws IOException {
        tree = Files.createDirectories(directory.resolve("parent/data"));
        Files.writeString(tree.resolve("file"), "as backed up");
        manager.speakFirstProtocol(true);
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
    void isSpokenWithInItsOwnWay() throws Exception {
        try (RunningAgent agent = agent()) {
            String backup = backup();
            Hello hello = Objects.requireNonNull(manager.hello());
            assertThat(hello.protocol()).isNull();
            assertThat(hello.capabilities()).isNull();
            BackupResult result = manager.result(backup);
            assertThat(result.notes()).isEmpty();
            Files.writeString(tree.resolve("file"), "changed");
            manager.orderRestore(backup, 0);
            restored();
            assertThat(Files.readString(tree.resolve("file"))).isEqualTo("as backed up");
            assertThat(manager.heartbeats()).extracting(Heartbeat::phase).contains(Phase.SWAPPING);
            assertNothingLeft(agent);
        }
    }

    @Test
    void cancelsARestoreByItsAnswerToTheHeartbeatThatAsksForTheLeave() throws Exception {
        try (RunningAgent agent = agent()) {
            String backup = backup();
            Files.writeString(tree.resolve("file"), "changed");
            manager.cancel(true);
            manager.orderRestore(backup, 0);
            assertThat(failedRestore().code()).isEqualTo(FailureCode.CANCELLED);
            assertThat(Files.readString(tree.resolve("file"))).isEqualTo("changed");
            assertNothingLeft(agent);
        }
    }

    @Test
    void isSaidHelloToAgainWhenItComesBackAsANewerOne() throws Exception {
        try (RunningAgent agent = agent()) {
            backup();
            manager.speakFirstProtocol(false);
            manager.dropClaims(true);
            Await.until(
                    () -> Objects.equals(Objects.requireNonNull(manager.hello()).protocol(), ProtocolVersion.NEWEST));
            manager.dropClaims(false);
            assertNothingLeft(agent);
        }
    }
}
