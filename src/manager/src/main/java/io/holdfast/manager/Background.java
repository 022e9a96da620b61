package io.holdfast.manager;

import io.holdfast.manager.database.DatabaseUnreachable;
import io.holdfast.manager.database.TaskLeases;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the manager does again and again without being asked. Each task has a thread of its own, so that a slow one
 * stops no other; of the system's, since one that computes for long would keep requests from the few that virtual threads
 * run on. A failure is logged, and the task tried again at its next turn.
 */
final class Background implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Background.class);

    private final List<Thread> threads = new ArrayList<>();

    /** Does something now, and again so long after each end. */
    void every(Duration pause, String name, Task task) {
        threads.add(Thread.ofPlatform().daemon().name(name).start(() -> {
            try {
                while (!Thread.currentThread().isInterrupted()) {
                    attempt(name, task);
                    Thread.sleep(pause);
                }
            } catch (InterruptedException e) {
                // Closing.
            }
        }));
    }

    /** Does something at one manager at a time. */
    void everyAlone(TaskLeases leases, Duration pause, String name, Task task) {
        every(pause, name, () -> {
            if (leases.take(name)) {
                task.run();
            }
        });
    }

    private static void attempt(String name, Task task) throws InterruptedException {
        try {
            task.run();
        } catch (InterruptedException e) {
            throw e;
        } catch (DatabaseUnreachable e) {
            log.warn("{} waits: {}", name, e.getMessage());
        } catch (Exception | Error e) {
            log.warn("{} failed, and is tried again", name, e);
        }
    }

    @Override
    public void close() {
        threads.forEach(Thread::interrupt);
    }

    interface Task {
        void run() throws Exception;
    }
}
