package io.holdfast.manager.simulation;

import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A piece of work that runs in a thread of its own, but only while {@link Coroutines} lets it: of all threads of a
 * simulation exactly one runs at a time, and which is next is decided by the seed.
 */
final class Coroutine {
    /** Ends a coroutine whose process was killed. An error, so that nothing takes it for a failure to go on from. */
    static final class Killed extends Error {
        Killed() {
            super("the process was killed", null, false, false);
        }
    }

    /** What a coroutine does. */
    interface Work {
        void run() throws Exception;
    }

    private static final ScopedValue<Coroutine> CURRENT = ScopedValue.newInstance();

    private final Object owner;
    private final String name;
    private final Semaphore turn = new Semaphore(0);
    private final Semaphore suspended = new Semaphore(0);
    private final Thread thread;
    private @Nullable Throwable failure;
    private boolean ended;
    private boolean killed;
    private long wakeMillis;
    private BooleanSupplier wakeEarly = Coroutine::never;

    Coroutine(Object owner, String name, Work work) {
        this.owner = owner;
        this.name = name;
        this.thread = Thread.ofVirtual()
                .name(name)
                .unstarted(() -> ScopedValue.where(CURRENT, this).run(() -> run(work)));
    }

    private void run(Work work) {
        turn.acquireUninterruptibly();
        try {
            if (!killed) {
                work.run();
            }
        } catch (Killed e) {
            // As it should.
        } catch (Throwable e) {
            failure = e;
        }
        ended = true;
        suspended.release();
    }

    /** What no coroutine is woken early by. */
    static boolean never() {
        return false;
    }

    /** The coroutine that this code runs in; null outside of all. */
    static @Nullable Coroutine current() {
        return CURRENT.isBound() ? CURRENT.get() : null;
    }

    /** Whose process it belongs to. */
    Object owner() {
        return owner;
    }

    String name() {
        return name;
    }

    boolean hasEnded() {
        return ended;
    }

    /** What ended it, if that was no end that it should have. */
    @Nullable Throwable failure() {
        return failure;
    }

    boolean isReady(long nowMillis) {
        return wakeMillis <= nowMillis || wakeEarly.getAsBoolean();
    }

    long wakeMillis() {
        return wakeMillis;
    }

    /** Lets it run to its next suspension. Called from outside. */
    void resume() {
        if (thread.getState() == Thread.State.NEW) {
            thread.start();
        }
        turn.release();
        suspended.acquireUninterruptibly();
    }

    /** Suspends the current coroutine until a moment, or until something is so. Called from inside. */
    void suspend(long untilMillis, BooleanSupplier early) {
        if (killed) {
            throw new Killed();
        }
        wakeMillis = untilMillis;
        wakeEarly = early;
        suspended.release();
        turn.acquireUninterruptibly();
        wakeEarly = Coroutine::never;
        if (killed) {
            throw new Killed();
        }
    }

    /** Its process is killed: it does nothing more. */
    void kill() {
        killed = true;
        if (current() != this && !ended) {
            resume();
        }
    }
}
