package io.holdfast.manager.jobs;

import io.holdfast.manager.sql.QueueSignals;
import java.time.Duration;

/** Wakes the claims that wait for jobs, here and at the other managers. May be used by any thread. */
final class Wakes implements AutoCloseable {
    private static final int NEXT_WOKEN = 20;

    private final OpenJobTable open;
    private final QueueSignals signals;
    private final boolean limited;
    private final Waiting waiting = new Waiting();

    /**
     * Makes it.
     *
     * @param limited whether only so many jobs may run at once
     */
    Wakes(OpenJobTable open, QueueSignals signals, boolean limited) {
        this.open = open;
        this.signals = signals;
        this.limited = limited;
    }

    /** Hears the other managers, until closed. */
    void listen() {
        signals.listen(waiting::wake);
    }

    @Override
    public void close() {
        signals.close();
    }

    /** Waits for a job of an instance, at most so long. */
    void await(long instance, Duration most) throws InterruptedException {
        waiting.await(instance, most);
    }

    /** Wakes the claims of an instance. */
    void wake(long instance) {
        waiting.wake(instance);
        signals.send(instance);
    }

    /** Wakes the claims whose jobs are next in line: something that held them back is gone. */
    void wakeNext() {
        open.nextInstances(NEXT_WOKEN).forEach(this::wake);
    }

    /** A job of an instance has ended: its next may begin, and where only so many may run at once, another's. */
    void ended(long instance) {
        wake(instance);
        if (limited) {
            wakeNext();
        }
    }
}
