package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.Attempt;
import io.holdfast.agent.attempt.AttemptId;
import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.attempt.JobId;
import io.holdfast.agent.config.DirectoryConfig;
import io.holdfast.agent.manager.ManagerClient;
import io.holdfast.agent.standin.StandInManager;
import io.holdfast.agent.transfer.Borrowings;
import io.holdfast.agent.transfer.StoreConnections;
import io.holdfast.agent.transfer.StorePatience;
import io.holdfast.agent.transfer.Uploads;
import io.holdfast.format.segment.Fingerprint;
import io.holdfast.format.segment.SegmentList;
import io.holdfast.format.segment.SegmentSink;
import io.holdfast.protocol.AgentMemory;
import io.holdfast.protocol.Assignment;
import io.holdfast.protocol.Claim;
import io.holdfast.protocol.tls.LayeredSockets;
import io.holdfast.protocol.tls.TlsContexts;
import io.holdfast.testbed.Certificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a backup of more segments than fit into one call says what it borrows. */
@Timeout(120)
class BorrowingsTest extends AdapterFixture {
    private final SecureRandom random = new SecureRandom();
    private Path tree = Path.of("");

    @BeforeEach
    void makeTree() throws IOException {
        tree = Files.createDirectories(directory.resolve("parent/data"));
        Files.writeString(tree.resolve("file"), "content");
    }

    @Override
    DirectoryConfig config() {
        return new DirectoryConfig(tree, List.of(), false, DirectoryConfig.ChangingFiles.FAIL);
    }

    @Override
    String page() {
        return "directory";
    }

    @Test
    void severalWorkersFillBatchesOfWhichEachIsToldOnce() throws Exception {
        try (Claimed claimed = claim();
                ExecutorService workers = Executors.newFixedThreadPool(4)) {
            List<Future<Boolean>> found = new ArrayList<>();
            for (int position = 0; position < 2500; position++) {
                int at = position;
                found.add(workers.submit(() -> claimed.sink.isStored(at, claimed.lent)));
            }
            for (Future<Boolean> each : found) {
                assertThat(each.get()).isTrue();
            }
            claimed.borrowings.finish();
            assertThat(manager.lending().borrowedCalls()).containsExactly(1000, 1000, 500);
            claimed.borrowings.finish();
            assertThat(manager.lending().borrowedCalls()).hasSize(3);
        }
    }

    @Test
    void anotherBatchFillsWhileOneIsOnItsWay() throws Exception {
        try (Claimed claimed = claim()) {
            manager.hangOverAddresses();
            for (int position = 0; position < 1999; position++) {
                assertThat(claimed.sink.isStored(position, claimed.lent)).isTrue();
            }
            Await.until(() -> manager.lending().borrowedCalls().equals(List.of(1000)));
            manager.letAddressesGo();
            claimed.borrowings.finish();
            assertThat(manager.lending().borrowedCalls()).containsExactly(1000, 999);
        }
    }

    @Test
    void callsThatFailForAPassingReasonAreRepeated() throws Exception {
        try (Claimed claimed = claim()) {
            manager.haveNoTimeForAddresses(2);
            assertThat(claimed.sink.isStored(0, claimed.lent)).isTrue();
            claimed.borrowings.finish();
            assertThat(manager.lending().borrowedCalls()).containsExactly(1, 1, 1);
        }
    }

    /** An attempt whose backup may borrow from one that an agent has made. */
    private Claimed claim() throws Exception {
        String first;
        try (RunningAgent agent = agent()) {
            first = backup();
            assertNothingLeft(agent);
        }
        manager.orderBackup(first);
        return new Claimed(first);
    }

    private final class Claimed implements AutoCloseable {
        final Borrowings borrowings;
        final SegmentSink sink;
        final Fingerprint lent;

        Claimed(String lender) throws IOException, InterruptedException {
            Certificates.Issued issued = manager.certificates().agent(StandInManager.INSTANCE, 0);
            ManagerClient client = new ManagerClient(
                    manager.url(),
                    new LayeredSockets(TlsContexts.mutual(
                            manager.certificates().caFile(), issued.certificateFile(), issued.privateKeyFile())),
                    null,
                    random);
            StoreConnections store = new StoreConnections(
                    new LayeredSockets(TlsContexts.trustingAlso(
                            List.of(manager.certificates().caFile()))),
                    StorePatience.withOutage(Duration.ofMinutes(1)));
            Assignment.Backup order =
                    (Assignment.Backup) client.claim(new Claim("session", 10, new AgentMemory(0, 0, 0, 0, null), null))
                            .orElseThrow();
            Attempt attempt = Attempt.begin(new AttemptId(new JobId(order.jobId()), order.epoch()), CrashPoints.none());
            borrowings = new Borrowings(client, store, attempt);
            borrowings.learn(Objects.requireNonNull(order.lender()));
            sink = new Uploads(client, store, attempt, borrowings, random).of("files");
            Path list = manager.store().directory().resolve("backups/" + lender + "/segments.list");
            lent = SegmentList.parse(Files.readAllLines(list).getFirst()).fingerprint();
        }

        @Override
        public void close() {
            borrowings.close();
        }
    }
}
