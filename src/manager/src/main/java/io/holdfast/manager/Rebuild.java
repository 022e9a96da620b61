package io.holdfast.manager;

import io.holdfast.manager.catalogue.Reconciler;
import io.holdfast.manager.catalogue.Reconciler.Surroundings;
import io.holdfast.manager.catalogue.Reconciliation;
import io.holdfast.manager.catalogue.Reconciliation.Report;
import io.holdfast.manager.config.ManagerConfig;
import io.holdfast.manager.config.StateConfig.EmbeddedState;
import io.holdfast.manager.database.BackupComparison;
import io.holdfast.manager.database.Backups;
import io.holdfast.manager.database.Database;
import io.holdfast.manager.database.Instances;
import io.holdfast.manager.database.KeyVersions;
import io.holdfast.manager.database.Restores;
import io.holdfast.manager.database.TaskLeases;
import io.holdfast.manager.keys.KeyRing;
import io.holdfast.manager.keys.ManagerKeys;
import io.holdfast.manager.state.StateRestore;
import io.holdfast.manager.store.RetryPolicy;
import io.holdfast.manager.store.RetryingStore;
import io.holdfast.manager.store.Store;
import java.io.IOException;
import java.io.PrintStream;
import java.security.SecureRandom;
import java.time.Clock;

/**
 * Makes the catalogue from the store and the master key alone, or brings one that is older than the store up to date.
 * For a manager that does not run.
 */
final class Rebuild {
    private Rebuild() {}

    /**
     * Brings the newest copy of the database back from the store.
     *
     * @param replace whether a database that is there may be put aside
     * @throws IOException when that cannot be; all is as it was
     */
    static void restoreState(ManagerConfig config, boolean replace, PrintStream out) throws IOException {
        SecureRandom random = new SecureRandom();
        if (!(config.state() instanceof EmbeddedState(var directory))) {
            throw new IOException("the state lies in PostgreSQL, which has no copies in the store"
                    + "\nHINT: restore a backup of that database, or make the catalogue anew with rebuild");
        }
        try (StateLock _ = StateLock.take(directory);
                Store plain = Stores.open(config, random, Clock.systemUTC())) {
            Store store = new RetryingStore(plain, RetryPolicy.USUAL, Thread::sleep, System::nanoTime, random);
            ManagerKeys own = ManagerKeys.read(config.keys());
            String name = new StateRestore(store, own.master(), own.signing()).run(directory, replace);
            out.println("restored: the state of " + name);
        }
    }

    /**
     * Compares, mends unless only an audit is wanted, and tells what it found.
     *
     * @return whether catalogue and store agree now
     */
    static boolean run(ManagerConfig config, boolean mend, PrintStream out) throws IOException {
        SecureRandom random = new SecureRandom();
        try (State state = State.open(config.state(), Clock.systemUTC());
                Store plain = Stores.open(config, random, Clock.systemUTC())) {
            Store store = new RetryingStore(plain, RetryPolicy.USUAL, Thread::sleep, System::nanoTime, random);
            Database database = state.database();
            if (TaskLeases.isAnyManagerAtWork(database)) {
                throw new IOException("a manager works on this database, or did until some seconds ago"
                        + "\nHINT: stop all managers first, and wait half a minute after one that was killed");
            }
            ManagerKeys own = ManagerKeys.read(config.keys());
            KeyVersions keyVersions = new KeyVersions(database);
            Reconciler reconciler = new Reconciler(
                    database,
                    new Instances(database),
                    keyVersions,
                    new Backups(database),
                    new BackupComparison(database),
                    new KeyRing(keyVersions, store, own.master(), own.recovery(), random, point -> {}),
                    own.signing(),
                    store);
            if (mend) {
                new Restores(database).numberFromNow();
                // Problems are told once, by the audit.
                reconciler.reconcile(
                        Surroundings.ALONE, new Report(each -> out.println("mended: " + each), each -> {}));
            }
            Reconciliation audit = reconciler.audit(
                    Surroundings.ALONE,
                    new Report(each -> out.println("differs: " + each), each -> out.println("problem: " + each)));
            out.printf(
                    "audit: %d instances and %d backups in the store, %d differences, %d problems%n",
                    audit.instances(), audit.backups(), audit.differences(), audit.problems());
            return audit.agrees();
        }
    }
}
