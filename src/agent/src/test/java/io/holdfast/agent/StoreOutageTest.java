package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.config.DirectoryConfig;
import io.holdfast.agent.config.DirectoryConfig.ChangingFiles;
import io.holdfast.agent.standin.StandInStore.GetFault;
import io.holdfast.agent.standin.StandInStore.PutFault;
import io.holdfast.agent.transfer.StorePatience;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Heartbeat;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.Phase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A store, or a manager, that fails for a while, or only takes no more bytes without closing anything. */
class StoreOutageTest extends AdapterFixture {
    private static final int BYTES = 20_000_000;

    private Path tree = Path.of("");

    @BeforeEach
    void makeTree() throws IOException {
        tree = Files.createDirectories(directory.resolve("parent/data"));
        byte[] content = new byte[BYTES];
        new Random(1).nextBytes(content);
        Files.write(tree.resolve("file"), content);
    }

    @Override
    DirectoryConfig config() {
        return new DirectoryConfig(tree, List.of(), false, ChangingFiles.FAIL);
    }

    @Override
    String page() {
        return "directory";
    }

    private RunningAgent agent(Duration outage) throws IOException {
        StorePatience patience = new StorePatience(Duration.ofSeconds(2), outage);
        return new RunningAgent(manager, config(), directory, CrashPoints.none(), patience);
    }

    @Test
    void t1_storeThatTakesNoMoreBytesIsToldAndTriedAgain() throws Exception {
        try (RunningAgent agent = agent(Duration.ofMinutes(5))) {
            manager.store().failPuts(PutFault.READS_NOTHING, 1000);
            String backup = manager.orderBackup();
            Heartbeat waiting = Stream.generate(this::heartbeat)
                    .filter(each -> each.detail() != null
                            && (each.detail().contains("the store accepted no byte for 2 s")
                                    || each.detail().contains("nothing came from the store for 2 s")))
                    .findFirst()
                    .orElseThrow();
            assertThat(waiting.detail()).contains(tree + "; the store fails, ");
            manager.store().letUploadsGo();
            assertThat(manager.report()).isNotInstanceOf(JobFailure.class);
            assertThat(manager.storedBytes(backup, "files")).isGreaterThan(BYTES);
            assertNothingLeft(agent);
        }
    }

    private Heartbeat heartbeat() {
        try {
            return manager.heartbeatIn(Phase.DUMPING);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void t1_storeThatNeverTakesThemFailsTheBackupWithWhatWasWaitedFor() throws Exception {
        try (RunningAgent agent = agent(Duration.ofSeconds(6))) {
            manager.store().failPuts(PutFault.READS_NOTHING, 1000);
            manager.orderBackup();
            JobFailure failure = (JobFailure) manager.report();
            assertThat(failure.code()).isEqualTo(FailureCode.STORE_FAILED);
            assertThat(failure.message())
                    .containsPattern(
                            "segment \\d+ of files failed \\d+ times in \\d+ s, at last: (the store accepted no byte|nothing came from the store) for 2 s");
            assertThat(failure.hint()).contains("store_patience_seconds");
            manager.store().letUploadsGo();
            assertNothingLeft(agent);
        }
    }

    @Test
    void t1_storeThatGivesNoMoreBytesIsAskedAgain() throws Exception {
        try (RunningAgent agent = agent(Duration.ofMinutes(1))) {
            String backup = backup();
            Files.delete(tree.resolve("file"));
            manager.store().failGets(GetFault.HANGS, 2);
            manager.orderRestore(backup, 24);
            restored();
            assertThat(tree.resolve("file")).hasSize(BYTES);
            manager.store().letUploadsGo();
            assertNothingLeft(agent);
        }
    }

    @Test
    void t3_storeThatIsAwayForAWhileIsWaitedFor() throws Exception {
        try (RunningAgent agent = agent(Duration.ofMinutes(1))) {
            manager.store().failPuts(PutFault.UNAVAILABLE, 1000);
            manager.orderBackup();
            assertThat(manager.silentFor(20)).as("longer than eight tries took").isTrue();
            manager.store().failPuts(PutFault.NONE, 0);
            assertThat(manager.report()).isNotInstanceOf(JobFailure.class);
            assertNothingLeft(agent);
        }
    }

    @Test
    void t4_managerThatIsBusyWhenAddressesAreAskedForIsAskedAgain() throws Exception {
        try (RunningAgent agent = agent(Duration.ofMinutes(1))) {
            manager.haveNoTimeForAddresses(3);
            String backup = backup();
            manager.haveNoTimeForAddresses(3);
            manager.orderRestore(backup, 24);
            restored();
            assertNothingLeft(agent);
        }
    }

    @Test
    void t7_bytesThatHaveToBeSentAgainAreCountedOnce() throws Exception {
        try (RunningAgent agent = agent(Duration.ofMinutes(1))) {
            manager.store().failPuts(PutFault.ERROR_INSIDE_200, 6);
            String backup = backup();
            long sent = manager.storedBytes(backup, "files");
            assertThat(manager.heartbeats())
                    .isNotEmpty()
                    .allSatisfy(each -> assertThat(each.bytesOut()).isBetween(0L, sent));
            assertNothingLeft(agent);
        }
    }
}
