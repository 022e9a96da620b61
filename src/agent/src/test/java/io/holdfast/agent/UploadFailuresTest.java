package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.config.CommandConfig;
import io.holdfast.agent.process.Command;
import io.holdfast.agent.standin.StandInStore.PutFault;
import io.holdfast.agent.transfer.StorePatience;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.SegmentUploads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each way in which a segment can fail to be stored. What the stand-in for the manager knows has to be right all the same. */
class UploadFailuresTest extends AdapterFixture {
    private static final int BYTES = 6_000_000;
    private static final String NOTHING_MORE = ":";
    private static final String HANGS = "exec sleep 600";

    private final byte[] content = new byte[BYTES];
    private String end = NOTHING_MORE;

    @BeforeEach
    void makeContent() throws IOException {
        new Random(5).nextBytes(content);
        Files.write(directory.resolve("content"), content);
    }

    @Override
    CommandConfig config() {
        Path file = directory.resolve("content");
        return new CommandConfig(
                List.of("/bin/sh", "-c", "cat '" + file + "'; " + end),
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

    @Test
    void segmentsThatFailAreSentAgainAndKeepTheirNumbers() throws Exception {
        try (RunningAgent agent = agent()) {
            for (PutFault fault : List.of(
                    PutFault.EXPIRED,
                    PutFault.UNAVAILABLE,
                    PutFault.ERROR_INSIDE_200,
                    PutFault.WRONG_ETAG,
                    PutFault.ANSWER_LOST,
                    PutFault.READS_NOTHING)) {
                manager.store().failPuts(fault, 3);
                String backup = backup();
                assertThat(manager.plaintext(backup, "data")).as(fault.name()).isEqualTo(content);
                assertNothingLeft(agent);
            }
            manager.store().letUploadsGo();
        }
    }

    @Test
    void severalSegmentsAreSentAtOnceButNoMoreThanTheSettingSays() throws Exception {
        try (RunningAgent agent = agent()) {
            manager.store().failPuts(PutFault.HANGS, RunningAgent.IN_FLIGHT);
            String backup = manager.orderBackup();
            Await.until(() -> manager.store().puts() == RunningAgent.IN_FLIGHT);
            manager.store().letUploadsGo();
            assertThat(manager.report()).isEqualTo(manager.result(backup));
            assertThat(manager.store().mostPutsAtOnce()).isEqualTo(RunningAgent.IN_FLIGHT);
            assertNothingLeft(agent);
        }
    }

    @Test
    void addressesAreAskedForTogetherAndNeverForMoreThanAreSealed() throws Exception {
        try (RunningAgent agent = agent()) {
            String backup = backup();
            long segments = manager.result(backup).artifacts().getFirst().segments();
            assertThat(manager.uploadCalls())
                    .allSatisfy(each -> assertThat(each).isBetween(1, RunningAgent.IN_FLIGHT))
                    .hasSizeLessThanOrEqualTo((int) segments);
            assertThat(RunningAgent.IN_FLIGHT).isLessThan(SegmentUploads.MOST);
            assertNothingLeft(agent);
        }
    }

    @Test
    void addressThatTheStoreRefusesForGoodEndsTheAttemptWhileTheDumpHangs() throws Exception {
        end = HANGS;
        try (RunningAgent agent = agent()) {
            manager.store().failPuts(PutFault.FORBIDDEN_METHOD, 1);
            manager.orderBackup();
            JobFailure failure = (JobFailure) manager.report();
            assertThat(failure.code()).isEqualTo(FailureCode.STORE_FAILED);
            assertThat(failure.message()).isEqualTo("the store refused a segment with 405 MethodNotAllowed");
            assertNothingLeft(agent);
        }
    }

    @Test
    void segmentThatFailsAllTheTimeEndsTheAttemptThoughTheOthersAreStored() throws Exception {
        try (RunningAgent agent = agent()) {
            String backup = manager.orderBackup();
            manager.refuseSegment(backup, 2);
            JobFailure failure = (JobFailure) manager.report();
            assertThat(failure.code()).isEqualTo(FailureCode.STORE_FAILED);
            assertNothingLeft(agent);
        }
    }

    @Test
    void attemptThatWaitsForAnAddressStops() throws Exception {
        try (RunningAgent agent = agent()) {
            manager.hangOverAddresses();
            manager.orderBackup();
            Await.until(() -> !manager.uploadCalls().isEmpty());
            manager.cancel(true);
            assertThat(((JobFailure) manager.report()).code()).isEqualTo(FailureCode.CANCELLED);
            assertNothingLeft(agent);
            manager.letAddressesGo();
        }
    }

    @Test
    void managerThatWillNotGiveAddressesFailsTheAttemptWithItsReason() throws Exception {
        StorePatience patience = new StorePatience(Duration.ofSeconds(2), Duration.ofSeconds(1));
        try (RunningAgent agent = new RunningAgent(manager, config(), directory, CrashPoints.none(), patience)) {
            manager.haveNoTimeForAddresses(1000);
            manager.orderBackup();
            JobFailure failure = (JobFailure) manager.report();
            assertThat(failure.code()).isEqualTo(FailureCode.MANAGER_UNAVAILABLE);
            assertThat(failure.message()).contains("503 Busy");
            assertNothingLeft(agent);
        }
    }
}
