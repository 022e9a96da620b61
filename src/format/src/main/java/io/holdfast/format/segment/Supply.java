package io.holdfast.format.segment;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Things that go round between threads: no more than a number of them, each made when it is needed first, so that a small
 * artifact does without most. May be used by any thread.
 */
public final class Supply<T> {
    private final ArrayBlockingQueue<T> free;
    private final Supplier<T> maker;
    private int unmade;

    /** At most so many, each made by this. */
    public Supply(int most, Supplier<T> maker) {
        this.free = new ArrayBlockingQueue<>(most);
        this.maker = maker;
        this.unmade = most;
    }

    /** A free one; waits when all are in use. */
    public T take() throws InterruptedException {
        synchronized (this) {
            if (free.isEmpty() && unmade > 0) {
                unmade--;
                return maker.get();
            }
        }
        return free.take();
    }

    /** Gives one back. */
    public void give(T thing) {
        free.add(thing);
    }

    /** Does something to all that were given back. */
    public void forEach(Consumer<T> action) {
        free.forEach(action);
    }
}
