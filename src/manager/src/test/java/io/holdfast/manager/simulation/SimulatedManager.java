package io.holdfast.manager.simulation;

import io.holdfast.manager.ManagerCore;
import io.holdfast.manager.crash.CrashPoints;
import io.holdfast.manager.store.RetryPolicy;
import io.holdfast.manager.store.RetryingStore;
import io.holdfast.manager.store.Store;
import java.util.random.RandomGenerator;

/** Makes runs of a manager: the core that ships, on what is simulated around it. */
final class SimulatedManager {
    private SimulatedManager() {}

    /**
     * A run.
     *
     * @param process who dies in a crash
     */
    static ManagerCore start(String name, World world, Object process, Store plain, CrashPoints crashPoints) {
        return new ManagerCore(
                new ManagerCore.Surroundings(
                        name,
                        world.database(),
                        plain,
                        retrying(world, plain, RetryPolicy.REQUEST),
                        retrying(world, plain, RetryPolicy.BACKGROUND),
                        work -> world.coroutines().start(process, name + " commit", work::run),
                        Runnable::run,
                        world.chance().secure(),
                        crashPoints),
                world.settings().core());
    }

    private static Store retrying(World world, Store plain, RetryPolicy policy) {
        RandomGenerator random = world.chance().generator();
        return new RetryingStore(plain, policy, world.coroutines()::sleep, world.time()::nanoTime, random);
    }
}
