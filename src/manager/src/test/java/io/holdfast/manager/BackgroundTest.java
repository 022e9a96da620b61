package io.holdfast.manager;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** How what a manager does without being asked comes to its end. */
class BackgroundTest {
    private static final Duration NEVER = Duration.ofDays(1);

    private final Background background = new Background(Duration.ofMinutes(1));
    private final CountDownLatch begun = new CountDownLatch(1);

    /** Waits as code does that no interrupt ends at once. */
    private static void awaitInterrupt() {
        while (!Thread.interrupted()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void theEndWaitsForTasksAtWork() throws Exception {
        AtomicReference<Thread> thread = new AtomicReference<>();
        AtomicBoolean finished = new AtomicBoolean();
        background.every(NEVER, "slow", () -> {
            thread.set(Thread.currentThread());
            begun.countDown();
            awaitInterrupt();
            finished.set(true);
        });
        begun.await();
        background.close();
        assertThat(finished).isTrue();
        assertThat(thread.get().isAlive()).isFalse();
    }

    @Test
    void aTaskThatLosesItsInterruptEndsAllTheSame() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        background.every(Duration.ZERO, "busy", () -> {
            runs.incrementAndGet();
            begun.countDown();
            Thread.interrupted();
        });
        begun.await();
        background.close();
        int atTheEnd = runs.get();
        assertThat(runs).hasValue(atTheEnd);
    }

    @Test
    void theEndWaitsForWhatATaskHasBegun() throws Exception {
        AtomicBoolean finished = new AtomicBoolean();
        background.every(NEVER, "begins another", () -> {
            begun.countDown();
            awaitInterrupt();
            background.execute(() -> {
                awaitInterrupt();
                finished.set(true);
            });
        });
        begun.await();
        background.close();
        assertThat(finished).isTrue();
    }

    @Test
    void afterAFailureATaskIsDoneAgain() throws Exception {
        CountDownLatch again = new CountDownLatch(2);
        background.every(Duration.ZERO, "fails", () -> {
            again.countDown();
            throw new IllegalStateException("as the test wants it");
        });
        again.await();
        background.close();
        assertThat(again.getCount()).isZero();
    }

    @Test
    void whatNeverEndsIsNotWaitedForForEver() throws Exception {
        Background impatient = new Background(Duration.ofMillis(1));
        AtomicBoolean released = new AtomicBoolean();
        impatient.every(NEVER, "hangs", () -> {
            begun.countDown();
            while (!released.get()) {
                Thread.onSpinWait();
            }
        });
        begun.await();
        impatient.close();
        released.set(true);
        assertThat(begun.getCount()).isZero();
    }
}
