package io.holdfast.agent.transfer;

import java.time.Duration;

/**
 * Interrupts a transfer in which nothing moves: a write that the other side does not take knows no time limit of its own. It
 * interrupts the thread that made it, which has to be a virtual one, as only those let go of a socket then.
 */
final class StallGuard implements AutoCloseable {
    private final Thread worker = Thread.currentThread();
    private final Duration most;
    private final Thread watcher;
    private long moved = System.nanoTime();
    private boolean stalled;
    private boolean closed;

    /**
     * Begins to watch the calling thread.
     *
     * @param most how long it may go without a call of {@link #moved}
     */
    StallGuard(Duration most) {
        if (!worker.isVirtual()) {
            throw new IllegalStateException("only a virtual thread lets go of a socket");
        }
        this.most = most;
        this.watcher = Thread.ofVirtual().name("stall guard").start(this::watch);
    }

    /** Something has moved. */
    synchronized void moved() {
        moved = System.nanoTime();
    }

    /** Whether it was interrupted. The thread is not interrupted any more for that, once this is closed. */
    synchronized boolean stalled() {
        return stalled;
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            if (stalled) {
                Thread.interrupted();
            }
        }
        watcher.interrupt();
    }

    private void watch() {
        try {
            while (true) {
                Thread.sleep(left());
                synchronized (this) {
                    if (closed) {
                        return;
                    }
                    if (!left().isPositive()) {
                        stalled = true;
                        worker.interrupt();
                        return;
                    }
                }
            }
        } catch (InterruptedException e) {
            // Closed: there is nothing more to watch.
        }
    }

    private synchronized Duration left() {
        return most.minusNanos(System.nanoTime() - moved);
    }
}
