package io.holdfast.manager.publishing;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Does the same with many things, some of them at once: the calling thread works too, with helpers from an executor. One that
 * runs what it gets at once makes it one after the other. May be used by any thread.
 */
final class AtOnce {
    private final Executor executor;
    private final int most;

    /** At most so many at once. */
    AtOnce(Executor executor, int most) {
        this.executor = executor;
        this.most = most;
    }

    interface Task<T, E extends Exception> {
        void with(T each) throws E;
    }

    /**
     * Does it, and waits until all that was begun has ended. After a failure nothing more is begun, and the first one is thrown.
     */
    <T, E extends Exception> void forEach(List<T> all, Task<T, E> task) throws E, InterruptedException {
        Round<T, E> round = new Round<>(all, task);
        int helpers = Math.min(most, all.size()) - 1;
        CountDownLatch working = new CountDownLatch(Math.max(0, helpers));
        for (int i = 0; i < helpers; i++) {
            executor.execute(() -> {
                try {
                    round.work();
                } finally {
                    working.countDown();
                }
            });
        }
        round.work();
        working.await();
        round.rethrow();
    }

    private static final class Round<T, E extends Exception> {
        private final List<T> all;
        private final Task<T, E> task;
        private final AtomicInteger next = new AtomicInteger();
        private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

        Round(List<T> all, Task<T, E> task) {
            this.all = all;
            this.task = task;
        }

        void work() {
            int index;
            while (failure.get() == null && (index = next.getAndIncrement()) < all.size()) {
                try {
                    task.with(all.get(index));
                } catch (Exception | Error e) {
                    failure.compareAndSet(null, e);
                }
            }
        }

        @SuppressWarnings("unchecked") // a task throws nothing else that is checked
        void rethrow() throws E {
            switch (failure.get()) {
                case null -> {}
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                case Throwable e -> throw (E) e;
            }
        }
    }
}
