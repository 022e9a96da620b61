package io.holdfast.manager;

import io.holdfast.format.age.X25519Recipient;
import io.holdfast.manager.catalogue.Reconciler;
import io.holdfast.manager.catalogue.Reconciler.Surroundings;
import io.holdfast.manager.catalogue.Reconciliation;
import io.holdfast.manager.catalogue.Reconciliation.Report;
import io.holdfast.manager.config.ManagerConfig;
import io.holdfast.manager.config.StateConfig.EmbeddedState;
import io.holdfast.manager.keys.ManagerKeys;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.TaskLeases;
import io.holdfast.manager.state.StateFile;
import io.holdfast.manager.state.StateRestore;
import io.holdfast.manager.store.RetryPolicy;
import io.holdfast.manager.store.RetryingStore;
import io.holdfast.manager.store.Store;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Makes the catalogue from the store and the master key alone, or brings one that is older than the store up to date.
 * For a manager that does not run.
 */
final class Rebuild {
    private Rebuild() {}

    /**
     * Brings the newest copy of the database back from the store.
     *
     * @param replace whether a database that is there may be set aside
     * @throws IOException when that cannot be; all is as it was
     */
    static void restoreState(ManagerConfig config, boolean replace, PrintStream out) throws IOException {
        SecureRandom random = new SecureRandom();
        Path directory = directory(config);
        try (StateLock _ = StateLock.take(directory);
                Store plain = Stores.open(config, random, Clock.systemUTC())) {
            Store store = new RetryingStore(plain, RetryPolicy.BACKGROUND, Thread::sleep, System::nanoTime, random);
            ManagerKeys own = ManagerKeys.read(config.keys());
            String name = new StateRestore(store, own.master(), own.signing()).run(directory, replace);
            out.println("restored: the catalogue of " + name);
        }
    }

    /**
     * Copies the database into a file, encrypted; the manager may run.
     *
     * @throws IOException when that cannot be
     */
    static void copyState(ManagerConfig config, Path file, PrintStream out) throws IOException, InterruptedException {
        ManagerKeys own = ManagerKeys.read(config.keys());
        List<X25519Recipient> recipients = new ArrayList<>(List.of(own.master().recipient()));
        recipients.addAll(own.recovery());
        StateFile.write(directory(config), file, recipients, new SecureRandom());
        out.println("backed up: the catalogue to " + file);
    }

    /**
     * Brings a copy back that {@link #copyState} has made. The database that is there is set aside.
     *
     * @throws IOException when that cannot be; all is as it was
     */
    static void restoreState(ManagerConfig config, Path file, PrintStream out) throws IOException {
        Path directory = directory(config);
        try (StateLock _ = StateLock.take(directory)) {
            StateFile.restore(file, directory, ManagerKeys.read(config.keys()).master());
            out.println("restored: the catalogue from " + file);
        }
    }

    private static Path directory(ManagerConfig config) throws IOException {
        if (config.state() instanceof EmbeddedState(var directory)) {
            return directory;
        }
        throw new IOException("the catalogue is in PostgreSQL, not in a file"
                + "\nHINT: back that database up like any other, or rebuild the catalogue from the store");
    }

    /** What managers of the format before have stored is left to them: a catalogue without it would look whole. */
    private static void requireReadable(Store store) throws IOException {
        if (!store.folders(StoreLayout.older()).isEmpty()) {
            throw new IOException("the store has backups in the format holdfast/1, below " + StoreLayout.older()
                    + ", which this manager does not read"
                    + "\nHINT: nothing was changed; use the manager's release that made them, or another store.prefix");
        }
    }

    /**
     * Compares, mends unless only an audit is wanted, and tells what it found.
     *
     * @return whether catalogue and store agree now, and nothing odd was found
     */
    static boolean run(ManagerConfig config, boolean mend, PrintStream out) throws IOException {
        SecureRandom random = new SecureRandom();
        try (State state = State.open(config.state(), Clock.systemUTC());
                Store plain = Stores.open(config, random, Clock.systemUTC())) {
            Store store = new RetryingStore(plain, RetryPolicy.BACKGROUND, Thread::sleep, System::nanoTime, random);
            requireReadable(store);
            Database database = state.database();
            if (TaskLeases.isAnyManagerAtWork(database)) {
                throw new IOException("a manager uses this database, or did until a few seconds ago"
                        + "\nHINT: stop all managers first, and wait half a minute after one that was killed");
            }
            ManagerKeys own = ManagerKeys.read(config.keys());
            ManagerCore core = new ManagerCore(
                    new ManagerCore.Surroundings(
                            "rebuild",
                            database,
                            plain,
                            store,
                            store,
                            Runnable::run,
                            Runnable::run,
                            random,
                            point -> {}),
                    // Nobody's passphrase is worked on here.
                    ManagerCore.Settings.of(config, own, Long.MAX_VALUE));
            Reconciler reconciler = core.reconciler;
            // What the audit finds once more is told once.
            Set<String> problems = new HashSet<>();
            Consumer<String> problem = each -> {
                if (problems.add(each)) {
                    out.println("problem: " + each);
                }
            };
            if (mend) {
                core.restores.numberFromNow();
                reconciler.reconcile(
                        Surroundings.ALONE, new Report(each -> out.println("corrected: " + each), problem));
            }
            Reconciliation audit =
                    reconciler.audit(Surroundings.ALONE, new Report(each -> out.println("differs: " + each), problem));
            out.printf(
                    "audit: %d instances and %d backups in the store, %d differences, %d problems%n",
                    audit.instances(), audit.backups(), audit.differences(), problems.size());
            return audit.agrees() && problems.isEmpty();
        }
    }
}
