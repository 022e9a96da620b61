package io.holdfast.manager;

import io.holdfast.manager.sql.TaskLeases;
import io.holdfast.manager.transaction.DatabaseUnreachable;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the manager does again and again without being asked. Each task has a thread of its own, so that a slow one
 * stops no other; of the system's, since one that computes for long would keep requests from the few that virtual threads
 * run on. A failure is logged, and the task tried again at its next turn.
 *
 * <p>As an executor it does something once, beside all others. When it is closed, all that it does is interrupted, and
 * waited for.
 */
final class Background implements Executor, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Background.class);

    private final Duration patience;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

    /**
     * Makes it.
     *
     * @param patience how long its end waits for what does not end at once
     */
    Background(Duration patience) {
        this.patience = patience;
    }

    /** Does something now, and again so long after each end. */
    void every(Duration pause, String name, Task task) {
        Thread thread = Thread.ofPlatform().daemon().name(name).unstarted(() -> {
            try {
                do {
                    attempt(name, task);
                } while (!closing.await(pause.toMillis(), TimeUnit.MILLISECONDS));
            } catch (InterruptedException e) {
                log.debug("{} ends", name);
            }
        });
        threads.add(thread);
        thread.start();
    }

    /** Does something at one manager at a time. */
    void everyAlone(TaskLeases leases, Duration pause, String name, Task task) {
        every(pause, name, () -> {
            if (leases.take(name)) {
                task.run();
            }
        });
    }

    /** Does something once. */
    @Override
    public void execute(Runnable work) {
        Thread thread = Thread.ofVirtual().unstarted(() -> {
            try {
                work.run();
            } finally {
                threads.remove(Thread.currentThread());
            }
        });
        threads.add(thread);
        thread.start();
    }

    private void attempt(String name, Task task) throws InterruptedException {
        try {
            task.run();
        } catch (InterruptedException e) {
            throw e;
        } catch (DatabaseUnreachable e) {
            log.warn("{} waits: {}", name, e.getMessage());
        } catch (Exception | Error e) {
            if (closing.getCount() == 0) {
                log.debug("{} was interrupted", name, e);
            } else {
                log.warn("{} failed, and is retried", name, e);
            }
        }
    }

    @Override
    public void close() {
        closing.countDown();
        long end = System.nanoTime() + patience.toNanos();
        // Again and again: one that ends may have begun another.
        for (List<Thread> left = alive(); !left.isEmpty(); left = alive()) {
            left.forEach(Thread::interrupt);
            if (!join(left, end)) {
                log.warn(
                        "still running when the manager stops: {}",
                        alive().stream().map(Thread::getName).toList());
                return;
            }
        }
    }

    private List<Thread> alive() {
        return threads.stream().filter(Thread::isAlive).toList();
    }

    private static boolean join(List<Thread> left, long end) {
        try {
            for (Thread each : left) {
                Duration most = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
                if (!each.join(most)) {
                    return false;
                }
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    interface Task {
        void run() throws Exception;
    }
}
