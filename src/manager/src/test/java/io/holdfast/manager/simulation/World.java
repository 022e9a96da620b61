package io.holdfast.manager.simulation;

import io.holdfast.manager.TestKeys;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.crash.CrashPoint;
import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.SimulationDatabase;
import io.holdfast.manager.sql.SimulationDatabase.Work;
import io.holdfast.manager.verification.StoredBackups;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One simulation: two managers, three agents, their database, store and network, for some days. */
final class World {
    private final Sabotage sabotage;
    private final SimulationDatabase history;
    private final VirtualTime time;
    private final Chance chance;
    private final Trace trace;
    private final Coroutines coroutines;
    private final Settings settings;
    private final Damage damage = new Damage();
    private final MemoryStore plainStore;
    private final UnreliableStore store;
    private final Network network;
    private final Invariants invariants;
    private final boolean leases;
    private final @Nullable CrashPoint aim;
    private final List<ManagerProcess> managers = new ArrayList<>();
    private final List<SimulatedAgent> agents = new ArrayList<>();
    private final List<String> instanceIds;
    private boolean chaotic = true;
    private boolean hit;
    private Work work = new Work(true, true, true, true, true);
    private Invariants.@Nullable Violation violation;

    /** @param aim where a manager crashes for sure the first time that one gets there; null when only chance decides */
    World(long seed, Sabotage sabotage, @Nullable CrashPoint aim, SimulationDatabase history, VirtualTime time) {
        this.sabotage = sabotage;
        this.aim = aim;
        this.history = history;
        this.time = time;
        chance = new Chance(seed);
        trace = new Trace(time);
        coroutines = new Coroutines(time, chance);
        settings = Settings.draw(chance);
        plainStore = new MemoryStore(time);
        store = new UnreliableStore(plainStore, damage, coroutines, chance, trace, sabotage);
        network = new Network(this);
        leases = chance.perMille(300);
        invariants = new Invariants(this, truth());
        plainStore.watch(invariants::objectChanges);
        instanceIds = chance.oneOf(List.of(List.of("a"), List.of("a", "b"), List.of("a", "b"), List.of("a", "b", "c")));
        managers.add(new ManagerProcess(this, "m1"));
        managers.add(new ManagerProcess(this, "m2"));
        for (int i = 0; i < 3; i++) {
            agents.add(new SimulatedAgent(this, instanceIds.get(i % instanceIds.size()), i / instanceIds.size()));
        }
    }

    /** Reads without faults. */
    private StoredBackups truth() {
        TestKeys keys =
                new TestKeys(database(), plainStore, settings.master(), settings.recovery(), settings.signing());
        return new StoredBackups(new Backups(database()), plainStore, keys.ring, settings.signing(), Runnable::run);
    }

    /** Starts everything. */
    void begin() {
        managers.forEach(ManagerProcess::start);
        agents.forEach(SimulatedAgent::start);
        new Operator(this).start();
        new Chaos(this).start();
    }

    /** One step, and the look at what it did. */
    void step() {
        Coroutine ran = coroutines.step();
        if (violation != null) {
            throw violation;
        }
        Throwable failure = ran.failure();
        if (failure != null) {
            throw new AssertionError(ran.name() + " failed in a way that it must not", failure);
        }
        boolean changed = history.takeChanged();
        invariants.check(ran, changed);
        if (changed) {
            work = history.work(settings.readBack());
        }
    }

    /** From now on nothing goes wrong any more. */
    void heal() {
        trace.add("world", "heals");
        chaotic = false;
        coroutines.calmDown();
        network.heal();
        store.setMood(UnreliableStore.Mood.GOOD);
        plainStore.setSkew(Duration.ofMillis(time.millis() - time.trueTime().toEpochMilli()));
        managers.forEach(ManagerProcess::start);
        agents.stream().filter(each -> !each.isUp()).forEach(SimulatedAgent::start);
    }

    void violate(Invariants.Violation found) {
        violation = found;
        throw found;
    }

    Sabotage sabotage() {
        return sabotage;
    }

    /** Whether faults may still happen. */
    boolean isChaotic() {
        return chaotic;
    }

    /** Whether a manager that has reached a point crashes there, because this one was aimed at. */
    boolean hits(CrashPoint point) {
        if (hit || point != aim) {
            return false;
        }
        hit = true;
        return true;
    }

    /** Whether a manager has crashed where it was aimed at. */
    boolean wasHit() {
        return hit;
    }

    /** Whether anything is left to be done. */
    boolean isBusy() {
        return work.isAny();
    }

    Work work() {
        return work;
    }

    boolean usesLeases() {
        return leases;
    }

    List<Long> openJobs() {
        return history.openJobs();
    }

    SimulationDatabase history() {
        return history;
    }

    Database database() {
        return history.database();
    }

    VirtualTime time() {
        return time;
    }

    Chance chance() {
        return chance;
    }

    Trace trace() {
        return trace;
    }

    Coroutines coroutines() {
        return coroutines;
    }

    Settings settings() {
        return settings;
    }

    Damage damage() {
        return damage;
    }

    MemoryStore plainStore() {
        return plainStore;
    }

    UnreliableStore store() {
        return store;
    }

    Network network() {
        return network;
    }

    Invariants invariants() {
        return invariants;
    }

    List<ManagerProcess> managers() {
        return managers;
    }

    List<SimulatedAgent> agents() {
        return agents;
    }

    List<String> instanceIds() {
        return instanceIds;
    }
}
