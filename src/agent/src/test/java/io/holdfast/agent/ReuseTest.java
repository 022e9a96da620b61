package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.config.DirectoryConfig;
import io.holdfast.agent.standin.StandInLending;
import io.holdfast.agent.transfer.StorePatience;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.Capability;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Backups that name segments of an earlier one instead of bringing them, and the stand-in for the manager checks each. */
class ReuseTest extends AdapterFixture {
    private static final int FILE_BYTES = 4_000_000;

    private Path tree = Path.of("");

    @BeforeEach
    void makeTree() throws IOException {
        tree = Files.createDirectories(directory.resolve("parent/data"));
        Random random = new Random(11);
        for (String name : List.of("a", "b", "c")) {
            byte[] content = new byte[FILE_BYTES];
            random.nextBytes(content);
            Files.write(tree.resolve(name), content);
        }
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
    void unchangedDataIsNotBroughtAgainAndComesBackTheSame() throws Exception {
        String before = HardTree.listing(tree);
        try (RunningAgent agent = agent()) {
            String first = backup();
            assertThat(Objects.requireNonNull(manager.hello()).capabilities()).contains(Capability.REUSE.word());
            assertThat(manager.lending().lentCalls()).isEmpty();
            int puts = manager.store().puts();
            String second = backup(first);
            assertThat(manager.store().puts()).isEqualTo(puts);
            assertThat(manager.brought(second)).isZero();
            assertThat(manager.result(second).artifacts())
                    .isEqualTo(manager.result(first).artifacts());
            assertThat(segments(second)).isGreaterThan(10);
            HardTree.shell("rm -r \"$1\"/*", tree);
            restore(second);
            assertThat(HardTree.listing(tree)).isEqualTo(before);
            assertNothingLeft(agent);
        }
    }

    @Test
    void onlyWhatHasChangedIsBroughtAndOneMayBorrowFromABorrower() throws Exception {
        try (RunningAgent agent = agent()) {
            String first = backup();
            Files.write(tree.resolve("b"), new byte[] {1, 2, 3}, StandardOpenOption.APPEND);
            String second = backup(first);
            assertThat(manager.brought(second)).isBetween(1, (int) segments(second) / 2);
            Files.write(tree.resolve("c"), new byte[] {4, 5, 6}, StandardOpenOption.APPEND);
            String third = backup(second);
            assertThat(manager.brought(third)).isBetween(1, (int) segments(third) / 2);
            assertThat(manager.manifest(third).segments().brought())
                    .extracting(each -> each.backupId())
                    .containsExactly(first, second, third);
            String listing = HardTree.listing(tree);
            HardTree.shell("rm -r \"$1\"/*", tree);
            restore(third);
            assertThat(HardTree.listing(tree)).isEqualTo(listing);
            assertNothingLeft(agent);
        }
    }

    @Test
    void whatMustNotBeNamedOrIsSomethingElseIsBrought() throws Exception {
        try (RunningAgent agent = agent()) {
            String first = backup();
            StandInLending lending = manager.lending();
            lending.withhold(0);
            lending.withhold(4);
            lending.giveWrong(7);
            String second = backup(first);
            assertThat(manager.brought(second)).isEqualTo(3);
            assertThat(lending.borrowedCalls()).containsExactly((int) segments(first) - 3);
            assertThat(manager.plaintext(second, "files")).isEqualTo(manager.plaintext(first, "files"));
            assertNothingLeft(agent);
        }
    }

    @Test
    void managerThatDoesNotSayWhatItLendsGetsEverything() throws Exception {
        StorePatience patience = new StorePatience(Duration.ofSeconds(10), Duration.ofSeconds(1));
        try (RunningAgent agent = new RunningAgent(manager, config(), directory, CrashPoints.none(), patience)) {
            String first = backup();
            for (int status : new int[] {404, 503}) {
                manager.lending().fail("lent", status);
                String second = backup(first);
                assertThat(manager.brought(second)).isEqualTo((int) segments(first));
            }
            assertThat(manager.lending().borrowedCalls()).isEmpty();
            assertNothingLeft(agent);
        }
    }

    @Test
    void managerThatDoesNotTakeWhatIsBorrowedFailsTheAttemptWithItsReason() throws Exception {
        StorePatience patience = new StorePatience(Duration.ofSeconds(10), Duration.ofSeconds(1));
        try (RunningAgent agent = new RunningAgent(manager, config(), directory, CrashPoints.none(), patience)) {
            String first = backup();
            manager.lending().fail("borrowed", 503);
            manager.orderBackup(first);
            JobFailure failure = (JobFailure) manager.report();
            assertThat(failure.code()).isEqualTo(FailureCode.MANAGER_UNAVAILABLE);
            assertThat(failure.message()).contains("503 Failing");
            assertNothingLeft(agent);
        }
    }

    @Test
    void attemptThatIsFencedWhenItAsksWhatIsLentEndsWithoutAReport() throws Exception {
        try (RunningAgent agent = agent()) {
            String first = backup();
            manager.lending().fail("lent", 409);
            manager.orderBackup(first);
            String third = manager.orderBackup();
            assertThat(manager.report()).isSameAs(manager.result(third));
            assertNothingLeft(agent);
        }
    }

    @Test
    void attemptThatWaitsForWhatIsLentStops() throws Exception {
        try (RunningAgent agent = agent()) {
            String first = backup();
            manager.hangOverAddresses();
            manager.orderBackup(first);
            Await.until(() -> !manager.lending().lentCalls().isEmpty());
            manager.cancel(true);
            assertThat(((JobFailure) manager.report()).code()).isEqualTo(FailureCode.CANCELLED);
            assertNothingLeft(agent);
            manager.letAddressesGo();
        }
    }

    private String backup(String lender) throws Exception {
        String backup = manager.orderBackup(lender);
        Object report = manager.report();
        assertThat(report).as(report.toString()).isInstanceOf(BackupResult.class);
        return backup;
    }

    private void restore(String backup) throws Exception {
        manager.orderRestore(backup, 24);
        restored();
    }

    private long segments(String backup) {
        return manager.result(backup).artifacts().stream()
                .mapToLong(BackupResult.Artifact::segments)
                .sum();
    }
}
