package io.holdfast.manager.jobs;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Wakes the claims that wait for a job of an instance. A wake that nobody waits for is kept for the next one, so none
 * is lost between a look at the queue and the wait; a needless one only costs another look.
 */
final class Waiting {
    private final Map<Long, Semaphore> byInstance = new ConcurrentHashMap<>();

    /** Waits for a wake, at most so long. */
    void await(long instance, Duration most) throws InterruptedException {
        Semaphore signal = signal(instance);
        if (signal.tryAcquire(most.toMillis(), TimeUnit.MILLISECONDS)) {
            signal.drainPermits();
        }
    }

    /** Wakes whoever waits for this instance. */
    void wake(long instance) {
        signal(instance).release();
    }

    private Semaphore signal(long instance) {
        return byInstance.computeIfAbsent(instance, id -> new Semaphore(0));
    }
}
