package io.holdfast.manager.simulation;

import io.holdfast.manager.ManagerCore;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.catalogue.Reconciler.Surroundings;
import io.holdfast.manager.catalogue.Reconciliation.Report;
import io.holdfast.manager.crash.CrashPoint;
import io.holdfast.manager.jobs.Job;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.sql.SimulationDatabase;
import io.holdfast.manager.store.Store.StoredObject;
import io.holdfast.manager.verification.Verifications;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Runs simulations one after the other, on one database that is emptied in between. */
final class Simulation implements AutoCloseable {
    private static final Duration CHAOS = Duration.ofDays(4);
    /** How long after the last fault everything that was accepted has to be over. */
    private static final Duration LONGEST_RECOVERY = Duration.ofHours(12);

    private final SimulationDatabase database;
    private final LoggedErrors errors = new LoggedErrors();
    private @Nullable World world;

    Simulation(Path folder) throws IOException {
        database = new SimulationDatabase(folder, this::now, this::preempt, () -> world != null && world.usesLeases());
    }

    private Instant now() {
        return world == null ? Instant.EPOCH : world.time().instant();
    }

    private void preempt() {
        if (world != null) {
            world.coroutines().preempt();
        }
    }

    /** What a simulation was like, for people and for comparing. */
    record Result(long seed, int steps, Duration length, int jobs, long digest) {}

    /**
     * Runs one.
     *
     * @throws AssertionError when something happened that must not, with all that a seed needs to be run again
     */
    Result run(long seed, Sabotage sabotage) {
        return run(new World(seed, sabotage, null, database, new VirtualTime()), seed);
    }

    /**
     * Runs one in which a manager crashes the first time that one gets to this point.
     *
     * @return whether one got there
     */
    boolean crash(long seed, CrashPoint point) {
        World fresh = new World(seed, Sabotage.NONE, point, database, new VirtualTime());
        run(fresh, seed);
        return fresh.wasHit();
    }

    private Result run(World fresh, long seed) {
        world = fresh;
        try {
            int steps = run(fresh);
            return new Result(
                    seed,
                    steps,
                    Duration.ofMillis(fresh.time().passedMillis()),
                    fresh.invariants().accepted().size(),
                    fresh.trace().digest());
        } catch (Throwable e) {
            throw new AssertionError(
                    "seed " + seed + ": " + e.getMessage() + "\nHINT: scripts/simulate --from " + seed
                            + " --seeds 1 runs it again\n" + fresh.trace(),
                    e);
        } finally {
            fresh.coroutines().killAll();
            var _ = errors.take();
            world = null;
            database.clear();
        }
    }

    /** Runs one course of events in a world in which nothing goes wrong by chance. */
    void stage(Scene scene) {
        World fresh = new World(0, Sabotage.NONE, null, database, new VirtualTime());
        world = fresh;
        try {
            fresh.coroutines().calmDown();
            fresh.coroutines().start(fresh, "scene", () -> scene.play(fresh));
            Throwable failure = fresh.coroutines().step().failure();
            if (failure != null) {
                throw new AssertionError(failure.getMessage() + "\n" + fresh.trace(), failure);
            }
        } finally {
            fresh.coroutines().killAll();
            world = null;
            database.clear();
        }
    }

    /** A course of events. */
    interface Scene {
        void play(World world) throws Exception;
    }

    private int run(World now) {
        now.begin();
        int most = now.chance().perMille(40) ? 2500 : now.chance().between(100, 400);
        int steps = 0;
        while (now.time().passedMillis() < CHAOS.toMillis() && steps < most) {
            step(now);
            steps++;
        }
        now.heal();
        return steps + recover(now);
    }

    private void step(World now) {
        now.step();
        List<String> unforeseen = errors.take();
        Invariants.require(unforeseen.isEmpty(), () -> "a failure that nobody foresaw: " + unforeseen);
    }

    private int recover(World now) {
        int steps = quieten(now, LONGEST_RECOVERY);
        // Beyond two looks at unexplained uploads that find the same, another one that found more, and two
        // comparisons.
        long end = now.time().passedMillis() + Duration.ofHours(13).toMillis();
        while (now.time().passedMillis() < end) {
            step(now);
            steps++;
        }
        steps += quieten(now, LONGEST_RECOVERY);
        readAll(now);
        steps += quieten(now, LONGEST_RECOVERY);
        new Aftermath(now).check();
        return steps;
    }

    private int quieten(World now, Duration most) {
        long end = now.time().passedMillis() + most.toMillis();
        int steps = 0;
        while (now.isBusy() || steps == 0) {
            step(now);
            steps++;
            Invariants.require(
                    now.time().passedMillis() < end, () -> "not over after " + most + ": open jobs " + now.openJobs());
        }
        return steps;
    }

    private static void readAll(World now) {
        Verifications verifications = new Verifications(now.database(), new Backups(now.database()));
        SimulationDatabase.listed(now.database()).forEach(verifications::request);
    }

    @Override
    public void close() {
        database.close();
        errors.close();
    }

    /** What must be true when all is over. */
    private static final class Aftermath {
        private final World world;
        private final ManagerCore auditor;

        Aftermath(World world) {
            this.world = world;
            this.auditor = SimulatedManager.start("auditor", world, world, world.plainStore(), point -> {});
        }

        void check() {
            requireEnded();
            requireTrueStates();
            requireSwept();
            requireAgreement();
        }

        private void requireEnded() {
            for (long job : world.invariants().accepted()) {
                Optional<Job> row = auditor.jobs.find(job);
                Invariants.require(row.isPresent(), () -> "the accepted job " + job + " was forgotten");
            }
        }

        private void requireTrueStates() {
            for (Backup backup : SimulationDatabase.listed(world.database())) {
                Optional<String> damage = world.invariants().damage(backup);
                boolean suspect = backup.state() == BackupState.SUSPECT;
                Invariants.require(
                        damage.isPresent() == suspect,
                        () -> "backup " + backup.id() + " is " + backup.state() + ", but in truth: " + damage);
            }
        }

        private void requireSwept() {
            Set<String> folders = new HashSet<>();
            for (Backup backup : SimulationDatabase.listed(world.database())) {
                String instance = auditor.instances.get(backup.instance()).folder();
                folders.add(StoreLayout.backup(instance, backup.backupId()));
            }
            for (StoredObject object : world.plainStore().list(StoreLayout.instances())) {
                String key = object.key();
                String folder = key.substring(0, key.lastIndexOf('/') + 1);
                boolean explained = !(key.contains("/backups/") || key.contains("/segments/"))
                        || (key.contains("/backups/")
                                ? folders.contains(folder)
                                : world.invariants().used().user(key).isPresent())
                        || world.damage().wasHidden(key);
                Invariants.require(explained, () -> "left in the store: " + key);
            }
        }

        private void requireAgreement() {
            List<String> differences = new ArrayList<>();
            auditor.reconciler.audit(Surroundings.MANAGER_WORKS, new Report(differences::add, problem -> {}));
            Invariants.require(differences.isEmpty(), () -> "catalogue and store differ: " + differences);
        }
    }
}
