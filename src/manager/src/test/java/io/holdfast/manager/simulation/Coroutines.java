package io.holdfast.manager.simulation;

import io.holdfast.manager.simulation.Coroutine.Work;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs coroutines one slice at a time, in an order that chance decides, and lets time pass when all of them wait for
 * it.
 */
final class Coroutines {
    private final VirtualTime time;
    private final Chance chance;
    private final List<Coroutine> alive = new ArrayList<>();
    private boolean calm;

    Coroutines(VirtualTime time, Chance chance) {
        this.time = time;
        this.chance = chance;
    }

    void start(Object owner, String name, Work work) {
        alive.add(new Coroutine(owner, name, work));
    }

    /** From now on nobody is held up. */
    void calmDown() {
        calm = true;
    }

    /**
     * Runs one slice.
     *
     * @return the coroutine that ran it
     */
    Coroutine step() {
        List<Coroutine> ready = new ArrayList<>();
        long earliest = Long.MAX_VALUE;
        for (Coroutine each : alive) {
            if (each.isReady(time.passedMillis())) {
                ready.add(each);
            }
            earliest = Math.min(earliest, each.wakeMillis());
        }
        if (ready.isEmpty()) {
            time.passTo(earliest);
            return step();
        }
        Coroutine next = chance.oneOf(ready);
        next.resume();
        if (next.hasEnded()) {
            alive.remove(next);
        }
        return next;
    }

    /** Kills all coroutines of an owner; the current one too, if it is among them. */
    void kill(Object owner) {
        List<Coroutine> killed =
                alive.stream().filter(each -> each.owner().equals(owner)).toList();
        alive.removeAll(killed);
        killed.forEach(Coroutine::kill);
        Coroutine current = Coroutine.current();
        if (current != null && killed.contains(current)) {
            throw new Coroutine.Killed();
        }
    }

    void killAll() {
        List<Coroutine> killed = List.copyOf(alive);
        alive.clear();
        killed.forEach(Coroutine::kill);
    }

    boolean hasAny(Object owner) {
        return alive.stream().anyMatch(each -> each.owner().equals(owner));
    }

    /** Lets others run, perhaps, and perhaps for a while: what a process must bear anywhere. */
    void preempt() {
        if (Coroutine.current() == null || calm) {
            return;
        }
        if (chance.perMille(4)) {
            sleep(chance.seconds(0, 300));
        } else if (chance.perMille(400)) {
            sleep(Duration.ZERO);
        }
    }

    void sleep(Duration duration) {
        await(duration, Coroutine::never);
    }

    /** Waits until something is so, at most so long. Returns whether it is. */
    boolean await(Duration most, BooleanSupplier condition) {
        @Nullable Coroutine current = Coroutine.current();
        if (current == null) {
            throw new IllegalStateException("only a coroutine can wait");
        }
        current.suspend(time.passedMillis() + most.toMillis(), condition);
        return condition.getAsBoolean();
    }
}
