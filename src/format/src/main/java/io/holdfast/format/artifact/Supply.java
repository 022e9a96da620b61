package io.holdfast.format.artifact;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Things that go round between threads: no more than a number of them, each made when it is needed first, so that a small
 * artifact does without most. May be used by any thread.
 */
final class Supply<T> {
    private final ArrayBlockingQueue<T> free;
    private final Supplier<T> maker;
    private int unmade;

    Supply(int most, Supplier<T> maker) {
        this.free = new ArrayBlockingQueue<>(most);
        this.maker = maker;
        this.unmade = most;
    }

    /** A free one; waits when all are in use. */
    T take() throws InterruptedException {
        synchronized (this) {
            if (free.isEmpty() && unmade > 0) {
                unmade--;
                return maker.get();
            }
        }
        return free.take();
    }

    /** Gives one back. */
    void give(T thing) {
        free.add(thing);
    }

    /** Does something to all that were given back. */
    void forEach(Consumer<T> action) {
        free.forEach(action);
    }
}
