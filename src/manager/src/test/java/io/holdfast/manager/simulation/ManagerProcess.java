package io.holdfast.manager.simulation;

import io.holdfast.manager.ManagerCore;
import io.holdfast.manager.crash.CrashPoint;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One of the managers: it crashes, also at its crash points, and is started again with nothing but the database. */
final class ManagerProcess {
    private static final int CRASHES_AT_POINT = 8;

    private final World world;
    private final String name;
    private @Nullable ManagerCore run;
    private int runs;

    ManagerProcess(World world, String name) {
        this.world = world;
        this.name = name;
    }

    String name() {
        return name;
    }

    boolean isUp() {
        return run != null;
    }

    ManagerCore run() {
        if (run == null) {
            throw new Coroutine.Killed();
        }
        return run;
    }

    void start() {
        if (run == null) {
            ManagerCore started =
                    SimulatedManager.start(name + "." + ++runs, world, this, world.store(), this::reached);
            run = started;
            world.trace().add(name, "starts");
            new Background(world, started, this).start();
        }
    }

    private void reached(CrashPoint point) {
        if (world.isChaotic() && (world.hits(point) || world.chance().perMille(CRASHES_AT_POINT))) {
            world.trace().add(name, "crashes at " + point);
            crash(world.chance().seconds(5, 600));
        }
        world.coroutines().preempt();
    }

    /** Ends whatever it does, and starts it again later. */
    void crash(Duration down) {
        if (run == null) {
            return;
        }
        run = null;
        world.trace().add(name, "is down for " + down.toSeconds() + " s");
        world.coroutines().start(world, "start " + name, () -> {
            world.coroutines().sleep(down);
            start();
        });
        world.coroutines().kill(this);
    }
}
