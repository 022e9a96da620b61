package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.CrashPoint;
import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.config.AdapterConfig;
import io.holdfast.agent.standin.StandInStore;
import io.holdfast.agent.transfer.StorePatience;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.Phase;
import io.holdfast.protocol.RestoreResult;
import io.holdfast.testbed.SmallDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What every adapter has to do, against the real data service. An adapter's test extends this, says how the service is
 * filled, changed and looked at, and adds what only that service has. {@link ServerContract} has what is about servers.
 */
abstract class AdapterContract extends AdapterFixture {
    /** After a crash at these points live data is the old one; at the others it is the restored one. */
    private static final Set<CrashPoint> OLD = EnumSet.of(
            CrashPoint.STAGING_BEGUN, CrashPoint.STAGED, CrashPoint.SWAPPING_WRITTEN, CrashPoint.LIVE_DATA_CLOSED);

    private static final Set<CrashPoint> NEW =
            EnumSet.of(CrashPoint.SWAPPED, CrashPoint.VALIDATED, CrashPoint.COMMITTED, CrashPoint.RESTORE_REPORTED);

    /** After a crash at this one it is whatever users have made of the restored data. */
    private static final CrashPoint USED = CrashPoint.OPENED;

    /** The same settings, with a folder in place of those of the tools; null when the adapter has no tools of its own. */
    abstract @Nullable AdapterConfig withTools(Path folder);

    /** Empties the service, and fills it with data that is hard to back up. */
    abstract void fill();

    /** The same with less of it, where all takes long: for what does not depend on it. */
    void fillLittle() {
        fill();
    }

    /** Changes, removes and adds in all the ways that a restore has to undo. */
    abstract void change();

    /** Removes all that a backup has. */
    abstract void lose();

    /** All that the service has, as text; what it has too much shows as well. */
    abstract String listing();

    /** Takes something away from restored data, so that it is not what it should be. */
    abstract void spoil();

    /**
     * Makes a staged backup one that the service refuses.
     *
     * @param staged {@code …/restore-<number>/backup}, where it lies, unless the adapter stages it elsewhere
     */
    abstract void garble(Path staged) throws IOException;

    @Test
    void hardDataComesBackAsItWas() throws Exception {
        fill();
        String before = listing();
        try (RunningAgent agent = agent()) {
            String backup = backup();
            assertThat(listing()).isEqualTo(before);
            change();
            assertThat(listing()).isNotEqualTo(before);
            manager.store().failGets(StandInStore.GetFault.BREAKS, 2);
            manager.orderRestore(backup, 24);
            RestoreResult result = restored();
            assertThat(listing()).isEqualTo(before);
            assertThat(result.restored()).isNotEmpty();
            assertNothingLeft(agent);
            lose();
            assertThat(listing()).isNotEqualTo(before);
            manager.orderRestore(backup, 0);
            restored();
            assertThat(listing()).isEqualTo(before);
            assertNothingLeft(agent);
        }
        Thread.sleep(1100); // names have whole seconds
        try (RunningAgent agent = agent()) {
            Await.until(() -> kept() <= 1);
            assertNothingLeft(agent);
        }
    }

    @Test
    void dl20_damagedBackupLeavesLiveDataAsItIs() throws Exception {
        fillLittle();
        try (RunningAgent agent = agent()) {
            String backup = backup();
            change();
            String before = listing();
            for (BackupResult.Artifact artifact : manager.result(backup).artifacts()) {
                Path object = manager.object(backup, artifact.name(), 0);
                byte[] good = Files.readAllBytes(object);
                byte[] flipped = good.clone();
                flipped[good.length - 5] ^= 1;
                Files.write(object, flipped);
                manager.orderRestore(backup, 24);
                assertThat(failedRestore().code()).isEqualTo(FailureCode.CORRUPT);
                Files.write(object, good);
            }
            assertThat(listing()).isEqualTo(before);
            assertNothingLeft(agent);
        }
    }

    @Test
    void dl21_crashAtAnyPointLeavesOldOrNewData() throws Exception {
        fillLittle();
        String restored = listing();
        String backup;
        try (RunningAgent agent = agent()) {
            backup = backup();
            assertNothingLeft(agent);
        }
        List<CrashPoint> points = new ArrayList<>(OLD);
        points.addAll(earlyCrashPoints());
        points.addAll(NEW);
        points.add(USED);
        change();
        String old = listing();
        for (CrashPoint point : points) {
            try (RunningAgent agent = agent(crash(point))) {
                manager.orderRestore(backup, 24);
                agent.awaitCrash();
            }
            if (point == USED) {
                change();
                old = listing();
            }
            try (RunningAgent agent = agent()) {
                Await.until(() -> journals().isEmpty());
                assertThat(listing()).as(point.name()).isEqualTo(NEW.contains(point) ? restored : old);
                assertNothingLeft(agent);
            }
            if (NEW.contains(point)) {
                change();
                old = listing();
            }
        }
    }

    @Test
    void dl21_restoreThatFailsItsValidationIsRolledBackAlsoAfterACrash() throws Exception {
        fillLittle();
        String backup;
        try (RunningAgent agent = agent()) {
            backup = backup();
            assertNothingLeft(agent);
        }
        change();
        String before = listing();
        for (CrashPoint point : List.of(CrashPoint.ROLLING_BACK, CrashPoint.ROLLED_BACK)) {
            CrashPoints spoiling = reached -> {
                if (reached == CrashPoint.SWAPPED) {
                    spoil();
                }
                crash(point).reached(reached);
            };
            try (RunningAgent agent = agent(spoiling)) {
                manager.orderRestore(backup, 24);
                agent.awaitCrash();
            }
            try (RunningAgent agent = agent()) {
                assertThat(failedRestore().code()).isEqualTo(FailureCode.VALIDATION_FAILED);
                Await.until(() -> journals().isEmpty());
                assertThat(listing()).as(point.name()).isEqualTo(before);
                assertNothingLeft(agent);
            }
        }
    }

    @Test
    void dl21_backupThatTheServiceRefusesLeavesTheOldData() throws Exception {
        fillLittle();
        AtomicLong restore = new AtomicLong();
        CrashPoints garbling = point -> {
            if (point == CrashPoint.LIVE_DATA_CLOSED) {
                garble(restore.get());
            }
        };
        try (RunningAgent agent = agent(garbling)) {
            String backup = backup();
            change();
            String before = listing();
            restore.set(manager.orderRestore(backup, 24));
            assertThat(failedRestore().code()).isEqualTo(FailureCode.RESTORE_FAILED);
            assertThat(listing()).isEqualTo(before);
            assertNothingLeft(agent);
        }
    }

    @Test
    void dl04_fullDiskLeavesTheLiveDataAsItIs() throws Exception {
        fillLittle();
        String backup;
        try (RunningAgent agent = agent()) {
            backup = backup();
            assertNothingLeft(agent);
        }
        change();
        String before = listing();
        try (SmallDisk disk = SmallDisk.mount(directory.resolve("small"), 2_000_000)) {
            try (RunningAgent agent = new RunningAgent(manager, config(), disk.path(), CrashPoints.none())) {
                manager.orderRestore(backup, 24);
                assertThat(failedRestore().code()).isEqualTo(FailureCode.DISK_FULL);
                assertNothingLeft(agent);
            }
        }
        try (SmallDisk disk = SmallDisk.mount(directory.resolve("small"), 40_000_000)) {
            CrashPoints filling = point -> {
                if (point == beforeTheSafetyCopy()) {
                    fillUp(disk.path());
                }
            };
            try (RunningAgent agent = new RunningAgent(manager, config(), disk.path(), filling)) {
                manager.orderRestore(backup, 24);
                assertThat(failedRestore().code()).isEqualTo(FailureCode.DISK_FULL);
                assertNothingLeft(agent);
            }
        }
        assertThat(listing()).isEqualTo(before);
    }

    @Test
    void cancelWhileDumpingAndWhileStagingLeavesNothing() throws Exception {
        fillLittle();
        String before = listing();
        try (RunningAgent agent = agent()) {
            String backup = backup();
            manager.store().failPuts(StandInStore.PutFault.HANGS, 1000);
            manager.orderBackup();
            manager.heartbeatIn(Phase.DUMPING);
            manager.cancel(true);
            assertThat(((JobFailure) manager.report()).code()).isEqualTo(FailureCode.CANCELLED);
            manager.cancel(false);
            manager.store().failPuts(StandInStore.PutFault.NONE, 0);
            assertNothingLeft(agent);
            manager.store().failGets(StandInStore.GetFault.HANGS, 1000);
            manager.orderRestore(backup, 24);
            manager.heartbeatIn(Phase.STAGING);
            manager.cancel(true);
            assertThat(failedRestore().code()).isEqualTo(FailureCode.CANCELLED);
            manager.cancel(false);
            manager.store().failGets(StandInStore.GetFault.NONE, 0);
            assertNothingLeft(agent);
            assertThat(listing()).isEqualTo(before);
        }
    }

    @Test
    void agentThatWaitsStartsNoProgram() throws Exception {
        fillLittle();
        StartedPrograms programs = new StartedPrograms(directory);
        try (RunningAgent agent = new RunningAgent(
                manager,
                config(),
                directory,
                CrashPoints.none(),
                StorePatience.withOutage(Duration.ofMinutes(1)),
                programs.runner())) {
            answerClaims(2);
            List<String> before = programs.all();
            answerClaims(5);
            assertThat(programs.all()).isEqualTo(before);
            assertNothingLeft(agent);
        }
    }

    /** Lets the agent ask for a job so many times more. */
    private void answerClaims(int times) throws Exception {
        int wanted = manager.claims() + times;
        for (int i = 0; i < times; i++) {
            manager.answerClaim();
        }
        Await.until(() -> manager.claims() >= wanted);
    }

    @Test
    void missingToolIsTold() throws Exception {
        Path none = Files.createDirectory(directory.resolve("no-tools"));
        AdapterConfig config = withTools(none);
        if (config == null) {
            return; // its programs are the machine's, or it needs none
        }
        fillLittle();
        try (RunningAgent agent = new RunningAgent(manager, config, directory, CrashPoints.none())) {
            manager.orderBackup();
            JobFailure failure = (JobFailure) manager.report();
            assertThat(failure.code()).isEqualTo(FailureCode.TOOL_MISSING);
            assertThat(failure.hint()).isNotNull();
            assertNothingLeft(agent);
        }
    }

    /** The commands of the adapter's page, as they stand there. */
    @Test
    void whatWasLostComesBackByHand() throws Exception {
        fill();
        String before = listing();
        String backup;
        try (RunningAgent agent = agent()) {
            backup = backup();
            assertNothingLeft(agent);
        }
        lose();
        byHand(backup, "## Recovery by hand");
        assertThat(listing()).isEqualTo(before);
    }

    /** The last point before what will be replaced is copied. */
    CrashPoint beforeTheSafetyCopy() {
        return CrashPoint.SWAPPING_WRITTEN;
    }

    /** Points before live data is touched that only this adapter reaches. */
    List<CrashPoint> earlyCrashPoints() {
        return List.of();
    }

    private void garble(long restore) {
        try {
            garble(directory.resolve("staged").resolve("restore-" + restore).resolve("backup"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void fillUp(Path folder) {
        byte[] bytes = new byte[1 << 16];
        try (var out = Files.newOutputStream(folder.resolve("ballast"))) {
            while (true) {
                out.write(bytes);
            }
        } catch (IOException e) {
            // It is full.
        }
    }
}
