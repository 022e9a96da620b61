package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.config.CommandConfig;
import io.holdfast.agent.process.Command;
import io.holdfast.agent.standin.StandInStore.GetFault;
import io.holdfast.agent.transfer.StorePatience;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.segment.SegmentSecret;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each way in which a segment can fail to be read, or be another than it was. */
class DownloadFailuresTest extends AdapterFixture {
    private static final int BYTES = 6_000_000;
    private static final byte[] CHANGED = {'c', 'h', 'a', 'n', 'g', 'e', 'd'};

    private byte[] content = {};
    private Path file = Path.of("");

    @BeforeEach
    void makeContent() throws IOException {
        file = directory.resolve("content");
        content = new byte[BYTES];
        new Random(5).nextBytes(content);
        Files.write(file, content);
    }

    @Override
    CommandConfig config() {
        return new CommandConfig(
                List.of("/bin/cat", file.toString()),
                List.of(),
                List.of(),
                List.of("/bin/sh", "-c", "cat > '" + file + "'"),
                List.of(),
                List.of(),
                null,
                List.of(),
                List.of(),
                null,
                1,
                false,
                Duration.ofMinutes(10),
                Command.UNLIMITED,
                Duration.ofSeconds(5));
    }

    @Override
    String page() {
        return "command";
    }

    @Override
    RunningAgent agent() throws IOException {
        StorePatience patience = new StorePatience(Duration.ofSeconds(2), Duration.ofMinutes(1));
        return new RunningAgent(manager, config(), directory, CrashPoints.none(), patience);
    }

    private String backUpAndChange() throws Exception {
        String backup = backup();
        Files.write(file, CHANGED);
        return backup;
    }

    private void assertRestored(RunningAgent agent) throws Exception {
        restored();
        assertThat(file).hasBinaryContent(content);
        assertNothingLeft(agent);
    }

    private JobFailure assertFails(RunningAgent agent, FailureCode code) throws Exception {
        JobFailure failure = failedRestore();
        assertThat(failure.code()).as(failure.message()).isEqualTo(code);
        assertThat(file).hasBinaryContent(CHANGED);
        assertNothingLeft(agent);
        return failure;
    }

    @Test
    void segmentsThatFailAreReadAgain() throws Exception {
        try (RunningAgent agent = agent()) {
            String backup = backUpAndChange();
            for (GetFault fault : List.of(GetFault.UNAVAILABLE, GetFault.BREAKS, GetFault.HANGS, GetFault.STALLS)) {
                Files.write(file, CHANGED);
                manager.store().failGets(fault, 3);
                manager.orderRestore(backup, 0);
                assertRestored(agent);
                manager.store().letUploadsGo();
            }
        }
    }

    @Test
    void addressesThatHaveExpiredAreAskedForAgain() throws Exception {
        try (RunningAgent agent = agent()) {
            String backup = backUpAndChange();
            manager.store().failGets(GetFault.HANGS, 1);
            manager.orderRestore(backup, 0);
            Await.until(() -> manager.store().gets() >= 4);
            manager.store().expireAddresses();
            manager.store().letUploadsGo();
            assertRestored(agent);
            assertThat(manager.downloadCalls()).contains(1);
        }
    }

    @Test
    void linesAreAskedForInPages() throws Exception {
        content = new byte[160_000_000];
        new Random(6).nextBytes(content);
        Files.write(file, content);
        try (RunningAgent agent = agent()) {
            String backup = backUpAndChange();
            int lines = Math.toIntExact(
                    manager.result(backup).artifacts().getFirst().segments());
            assertThat(lines).isGreaterThan(256);
            manager.orderRestore(backup, 0);
            assertRestored(agent);
            assertThat(manager.downloadCalls()).containsExactlyInAnyOrder(256, lines - 256);
        }
    }

    @Test
    void damagedSegmentIsTold() throws Exception {
        try (RunningAgent agent = agent()) {
            String backup = backUpAndChange();
            Path object = manager.object(backup, "data", 3);
            byte[] damaged = Files.readAllBytes(object);
            damaged[damaged.length / 2] ^= 1;
            Files.write(object, damaged);
            manager.orderRestore(backup, 0);
            assertThat(assertFails(agent, FailureCode.CORRUPT).message())
                    .isEqualTo(
                            "the backup is not as it was made: data, segment 3: its SHA-256 is not the one it should have");
        }
    }

    @Test
    void shorterLongerAndMissingSegmentsAreTold() throws Exception {
        try (RunningAgent agent = agent()) {
            String backup = backUpAndChange();
            Path object = manager.object(backup, "data", 2);
            byte[] good = Files.readAllBytes(object);
            for (int length : new int[] {good.length - 10, good.length + 10}) {
                Files.write(object, Arrays.copyOf(good, length));
                manager.orderRestore(backup, 0);
                assertThat(assertFails(agent, FailureCode.CORRUPT).message())
                        .isEqualTo("segment 2 of data has " + length + " bytes in the store instead of " + good.length);
            }
            Files.delete(object);
            manager.orderRestore(backup, 0);
            assertThat(assertFails(agent, FailureCode.CORRUPT).message())
                    .isEqualTo("segment 2 of data is missing in the store");
        }
    }

    @Test
    void otherSegmentInItsPlaceIsTold() throws Exception {
        try (RunningAgent agent = agent()) {
            String backup = backUpAndChange();
            Files.write(manager.object(backup, "data", 1), Files.readAllBytes(manager.object(backup, "data", 2)));
            manager.orderRestore(backup, 0);
            assertFails(agent, FailureCode.CORRUPT);
        }
    }

    @Test
    void keyThatDoesNotOpenWhatIsAsItWasMadeIsTold() throws Exception {
        try (RunningAgent agent = agent()) {
            String backup = backUpAndChange();
            manager.giveWrongKeys();
            manager.orderRestore(backup, 0);
            assertThat(assertFails(agent, FailureCode.KEY_MISMATCH).message())
                    .startsWith("the key does not open the backup: data, segment 0: ");
        }
    }

    @Test
    void fingerprintOfSomethingElseIsTold() throws Exception {
        try (RunningAgent agent = agent()) {
            String backup = backUpAndChange();
            manager.giveSecret(SegmentSecret.random(new SecureRandom()));
            manager.orderRestore(backup, 0);
            assertThat(assertFails(agent, FailureCode.CORRUPT).message())
                    .startsWith("the backup is not as it was made: data, segment 0: it holds something else");
        }
    }

    @Test
    void backupWhoseFingerprintsNobodyCanCheckAnyMoreIsRestored() throws Exception {
        try (RunningAgent agent = agent()) {
            String backup = backUpAndChange();
            manager.giveSecret(null);
            manager.orderRestore(backup, 0);
            assertRestored(agent);
        }
    }

    @Test
    void artifactThatIsShorterOrLongerThanTheManifestSaysIsTold() throws Exception {
        try (RunningAgent agent = agent()) {
            String backup = backUpAndChange();
            manager.orderRestore(withBytes(manager.manifest(backup), BYTES + 1), 0);
            assertThat(assertFails(agent, FailureCode.CORRUPT).message())
                    .isEqualTo("data has " + BYTES + " bytes, and the manifest says " + (BYTES + 1));
            manager.orderRestore(withBytes(manager.manifest(backup), BYTES - 1), 0);
            assertThat(assertFails(agent, FailureCode.CORRUPT).message())
                    .isEqualTo("data has at least " + BYTES + " bytes, and the manifest says " + (BYTES - 1));
        }
    }

    private static Manifest withBytes(Manifest all, long bytes) {
        Manifest.Artifact only = all.artifacts().getFirst();
        return new Manifest(
                all.format(),
                all.instanceId(),
                all.backupId(),
                all.sequence(),
                all.startedAt(),
                all.finishedAt(),
                all.service(),
                all.engineVersion(),
                all.life(),
                all.keyVersion(),
                all.recipients(),
                List.of(new Manifest.Artifact(
                        only.name(),
                        only.type(),
                        only.source(),
                        bytes,
                        only.storedBytes(),
                        only.meanBytes(),
                        only.segments())),
                all.segments(),
                all.facts());
    }

    @Test
    void managerThatDoesNotAnswerFailsTheRestoreWithItsReason() throws Exception {
        StorePatience patience = new StorePatience(Duration.ofSeconds(2), Duration.ofSeconds(1));
        try (RunningAgent agent = new RunningAgent(manager, config(), directory, CrashPoints.none(), patience)) {
            String backup = backUpAndChange();
            manager.haveNoTimeForAddresses(1000);
            manager.orderRestore(backup, 0);
            assertThat(assertFails(agent, FailureCode.MANAGER_UNAVAILABLE).message())
                    .contains("503 Busy");
        }
    }

    @Test
    void restoreThatWaitsForAnAddressStops() throws Exception {
        try (RunningAgent agent = agent()) {
            String backup = backUpAndChange();
            manager.hangOverAddresses();
            manager.orderRestore(backup, 0);
            Await.until(() -> !manager.downloadCalls().isEmpty());
            manager.cancel(true);
            assertFails(agent, FailureCode.CANCELLED);
            manager.letAddressesGo();
        }
    }
}
