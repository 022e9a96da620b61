package io.holdfast.manager.simulation;

import io.holdfast.manager.ManagerCore;
import io.holdfast.manager.catalogue.Reconciler.Surroundings;
import io.holdfast.manager.catalogue.Reconciliation.Report;
import io.holdfast.manager.sql.SimulationDatabase.Work;
import io.holdfast.manager.store.StoreException;
import java.time.Duration;
import java.util.function.Predicate;

/** What a manager does again and again without being asked: the tasks of {@code Manager}, each a coroutine. */
final class Background {
    private static final Duration IDLE = Duration.ofHours(6);

    private final World world;
    private final ManagerCore manager;
    private final Object process;

    /**
     * Makes it.
     *
     * @param process who dies in a crash
     */
    Background(World world, ManagerCore manager, Object process) {
        this.world = world;
        this.manager = manager;
        this.process = process;
    }

    void start() {
        every(Duration.ofMinutes(30), "probe the store", manager.probed::probe);
        whileAny(Work::running, "end jobs whose lease has expired", manager.queue::loseExpired);
        whileAny(Work::committing, "commit backups", manager.commits::begin);
        whileAny(
                Work::leftovers,
                "collect known garbage",
                alone("collect known garbage", manager.garbageCollection::knownGarbage));
        whileAny(Work::unread, "verify backups", () -> {
            while (manager.readBack.next()) {
                world.coroutines().preempt();
            }
        });
        every(Duration.ofMinutes(40), "start scheduled backups", alone("schedule", manager.scheduler::startDue));
        every(Duration.ofHours(2), "retention", alone("retention", manager.retention::run));
        every(
                Duration.ofHours(3),
                "collect unknown objects",
                alone("objects", manager.garbageCollection::unknownObjects));
        every(
                Duration.ofHours(3),
                "reconcile",
                alone(
                        "reconcile",
                        () -> world.trace()
                                .add(
                                        manager.name,
                                        "reconciled: "
                                                + manager.reconciler.reconcile(
                                                        Surroundings.MANAGER_WORKS,
                                                        new Report(
                                                                each -> {}, each -> {}, manager.suspicion::replace)))));
    }

    private Coroutine.Work alone(String task, Coroutine.Work work) {
        return () -> {
            if (manager.leases.take(task)) {
                work.run();
            }
        };
    }

    private void whileAny(Predicate<Work> wanted, String task, Coroutine.Work work) {
        repeat(task, work, () -> {
            // More often than half a lease, as a manager does.
            world.coroutines().sleep(world.chance().seconds(2, 18));
            world.coroutines().await(IDLE, () -> wanted.test(world.work()));
        });
    }

    private void every(Duration pause, String task, Coroutine.Work work) {
        repeat(
                task,
                work,
                () -> world.coroutines().sleep(pause.plus(world.chance().seconds(0, 60))));
    }

    private void repeat(String task, Coroutine.Work work, Runnable pause) {
        world.coroutines().start(process, manager.name + " " + task, () -> {
            while (true) {
                try {
                    work.run();
                } catch (StoreException e) {
                    world.trace().add(manager.name, task + " failed: " + e.getMessage());
                }
                pause.run();
            }
        });
    }
}
