package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.CrashPoint;
import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.config.AdapterConfig;
import io.holdfast.agent.standin.StandInStore;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What every adapter for a server has to do besides {@link AdapterContract}. */
abstract class ServerContract extends AdapterContract {
    private static final String WRONG_PASSWORD = "wrong-password-that-nobody-may-see";

    /** The adapter's settings with another password. */
    abstract AdapterConfig withPassword(String password) throws IOException;

    /** Ends the server as a crash would. */
    abstract void kill();

    /** Starts it again. */
    abstract void restart();

    /** Adds some ten megabytes that cannot be compressed. */
    abstract void fillLarge();

    /** A user of the service with an open connection; {@link #listing} does not show what it writes. */
    abstract Writer writer() throws Exception;

    /** All numbers that writers have written, ascending; fails when the two places do not have the same ones. */
    abstract List<Long> written();

    /** Whether a restore leaves what the backup does not have, so that nothing is lost but something stays. */
    boolean restoreOnlyAdds() {
        return false;
    }

    /** Writes a number to two places as one change; throws when the service does not take it. */
    interface Writer extends AutoCloseable {
        void write(long number) throws Exception;

        @Override
        void close();
    }

    @Test
    void wrongPasswordIsToldAndNotShown() throws Exception {
        fillLittle();
        String backup;
        try (RunningAgent agent = agent()) {
            backup = backup();
            assertNothingLeft(agent);
        }
        String before = listing();
        try (RunningAgent agent =
                new RunningAgent(manager, withPassword(WRONG_PASSWORD), directory, CrashPoints.none())) {
            manager.orderBackup();
            assertDenied((JobFailure) manager.report());
            manager.orderRestore(backup, 24);
            assertDenied(failedRestore());
            assertNothingLeft(agent);
        }
        assertThat(listing()).isEqualTo(before);
    }

    @Test
    void dl01_serverThatDiesDuringTheDumpFailsTheBackupAndThatItIsDownIsTold() throws Exception {
        fillLittle();
        try (RunningAgent agent = agent()) {
            String backup = backup();
            fillLarge();
            cancelDumpThatHangs(agent);
            orderBackupThatHangs();
            kill();
            try {
                manager.store().letUploadsGo();
                assertDiedDuringDump();
                assertDownIsTold(backup);
            } finally {
                restart();
            }
            assertNothingLeft(agent);
            backup();
        }
    }

    void assertDiedDuringDump() throws Exception {
        JobFailure failure = (JobFailure) manager.report();
        assertThat(failure.code())
                .as(failure.message())
                .isIn(FailureCode.SERVICE_UNREACHABLE, FailureCode.DUMP_FAILED, FailureCode.INCOMPLETE_DUMP);
    }

    /** While others have all of the server's connections: another moment, and it may have room, so it is tried again. */
    void assertNoRoomIsTold() throws Exception {
        try (RunningAgent agent = agent()) {
            manager.orderBackup();
            JobFailure failure = (JobFailure) manager.report();
            assertThat(failure.code()).as(failure.message()).isEqualTo(FailureCode.SERVICE_UNREACHABLE);
            assertNothingLeft(agent);
        }
    }

    /** While the server is down: neither a backup nor a restore does anything, and both say why. */
    void assertDownIsTold(String backup) throws Exception {
        manager.orderBackup();
        assertThat(((JobFailure) manager.report()).code()).isEqualTo(FailureCode.SERVICE_UNREACHABLE);
        manager.orderRestore(backup, 24);
        assertThat(failedRestore().code()).isEqualTo(FailureCode.SERVICE_UNREACHABLE);
    }

    /** With as much data: nobody who writes waits for the dump, and nothing of it is left when it is cancelled. */
    private void cancelDumpThatHangs(RunningAgent agent) throws Exception {
        orderBackupThatHangs();
        try (Load load = new Load()) {
            load.awaitMore(20);
        }
        manager.cancel(true);
        assertThat(((JobFailure) manager.report()).code()).isEqualTo(FailureCode.CANCELLED);
        manager.cancel(false);
        assertNothingLeft(agent);
        manager.store().letUploadsGo();
    }

    /** A backup whose first part is on its way, and whose next ones wait for the store. */
    private void orderBackupThatHangs() throws Exception {
        int before = manager.store().puts();
        manager.store().failPuts(StandInStore.PutFault.HANGS, RunningAgent.IN_FLIGHT);
        manager.orderBackup();
        Await.until(() -> manager.store().puts() > before);
    }

    @Test
    void dl21_serverThatDiesDuringTheRestoreHasItsOldDataAfterwards() throws Exception {
        fillLittle();
        AtomicBoolean killed = new AtomicBoolean();
        CrashPoints killing = point -> {
            if (point == CrashPoint.LIVE_DATA_CLOSED && killed.compareAndSet(false, true)) {
                kill();
            }
        };
        try (RunningAgent agent = agent(killing)) {
            String backup = backup();
            change();
            String before = listing();
            manager.orderRestore(backup, 24);
            Await.until(killed::get);
            Thread.sleep(500);
            restart();
            failedRestore();
            assertThat(listing()).isEqualTo(before);
            assertNothingLeft(agent);
            manager.orderRestore(backup, 24);
            restored();
            assertNothingLeft(agent);
        }
    }

    @Test
    void backupUnderWriteLoadIsOfOneMoment() throws Exception {
        fillLittle();
        try (RunningAgent agent = agent();
                Load load = new Load()) {
            load.awaitMore(20);
            String backup = backup();
            load.awaitMore(20);
            load.stop();
            List<Long> all = written();
            if (restoreOnlyAdds()) {
                lose();
            }
            manager.orderRestore(backup, 24);
            restored();
            List<Long> restored = written();
            assertThat(restored).hasSizeGreaterThanOrEqualTo(20).hasSizeLessThan(all.size());
            assertThat(restored)
                    .isEqualTo(
                            LongStream.rangeClosed(1, restored.size()).boxed().toList());
            assertNothingLeft(agent);
        }
    }

    @Test
    void restoreOverLiveDataWithOpenConnectionsMixesNothing() throws Exception {
        fillLittle();
        String before = listing();
        try (RunningAgent agent = agent()) {
            String backup = backup();
            change();
            try (Load load = new Load()) {
                load.awaitMore(20);
                long ordered = load.number();
                manager.orderRestore(backup, 24);
                restored();
                load.stop();
                if (restoreOnlyAdds()) {
                    assertThat(written())
                            .isEqualTo(LongStream.rangeClosed(1, load.number())
                                    .boxed()
                                    .toList());
                } else {
                    assertThat(written()).allMatch(number -> number > ordered);
                }
            }
            assertThat(listing()).isEqualTo(before);
            assertNothingLeft(agent);
        }
    }

    private static void assertDenied(JobFailure failure) {
        assertThat(failure.code()).as(failure.message()).isEqualTo(FailureCode.SERVICE_DENIED);
        assertThat(failure.message() + failure.hint()).doesNotContain(WRONG_PASSWORD);
    }

    /**
     * Somebody who writes again and again, and connects again when the connection is lost. Between two writes is a moment, much
     * shorter than any step of a backup: without it, most of the machine would be busy with them.
     */
    private final class Load implements AutoCloseable {
        private static final int MOMENT_MILLIS = 5;
        private static final int BEFORE_CONNECTING_MILLIS = 20;

        private final AtomicLong number = new AtomicLong();
        private final Thread thread = new Thread(this::run, "load");
        private volatile boolean stopped;

        Load() {
            thread.start();
        }

        long number() {
            return number.get();
        }

        void awaitMore(long count) throws Exception {
            long goal = number() + count;
            Await.until(() -> number() >= goal);
        }

        void stop() {
            stopped = true;
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void run() {
            while (!stopped) {
                try (Writer writer = writer()) {
                    while (!stopped) {
                        writer.write(number.get() + 1);
                        number.incrementAndGet();
                        pause(MOMENT_MILLIS);
                    }
                } catch (Exception e) {
                    pause(BEFORE_CONNECTING_MILLIS);
                }
            }
        }

        private static void pause(int millis) {
            try {
                Thread.sleep(millis);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void close() {
            stop();
        }
    }
}
