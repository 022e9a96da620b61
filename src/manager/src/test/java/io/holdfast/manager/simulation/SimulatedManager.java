package io.holdfast.manager.simulation;

import io.holdfast.manager.TestKeys;
import io.holdfast.manager.api.Transfers;
import io.holdfast.manager.backup.BackupCommit;
import io.holdfast.manager.backup.Deletion;
import io.holdfast.manager.backup.ReadBack;
import io.holdfast.manager.backup.StoredBackups;
import io.holdfast.manager.backup.Sweep;
import io.holdfast.manager.catalogue.Reconciler;
import io.holdfast.manager.crash.CrashPoints;
import io.holdfast.manager.database.Agents;
import io.holdfast.manager.database.BackupDeletions;
import io.holdfast.manager.database.BackupSnapshots;
import io.holdfast.manager.database.Backups;
import io.holdfast.manager.database.Database;
import io.holdfast.manager.database.Instances;
import io.holdfast.manager.database.Jobs;
import io.holdfast.manager.database.Lives;
import io.holdfast.manager.database.QueueSignals;
import io.holdfast.manager.database.Restores;
import io.holdfast.manager.database.Slots;
import io.holdfast.manager.database.TaskLeases;
import io.holdfast.manager.database.Uploads;
import io.holdfast.manager.jobs.JobQueue;
import io.holdfast.manager.keys.InstanceRecords;
import io.holdfast.manager.keys.KeyRing;
import io.holdfast.manager.retention.RetentionPlans;
import io.holdfast.manager.retention.RetentionRun;
import io.holdfast.manager.schedule.Scheduler;
import io.holdfast.manager.store.RetryPolicy;
import io.holdfast.manager.store.RetryingStore;
import io.holdfast.manager.store.Store;
import java.time.Duration;

/** One run of a manager: what {@code Manager} puts together in production, without its threads and listeners. */
final class SimulatedManager {
    private static final Duration TASK_LEASE = Duration.ofMinutes(10);
    private static final Duration SWEEP_MIN_AGE = Duration.ofHours(2);

    final String name;
    final Database database;
    final TaskLeases leases;
    final Instances instances;
    final Agents agents;
    final Jobs jobs;
    final Backups backups;
    final Restores restores;
    final BackupDeletions deletions;
    final KeyRing keys;
    final InstanceRecords records;
    final JobQueue queue;
    final StoredBackups stored;
    final BackupCommit commit;
    final Deletion deletion;
    final Scheduler scheduler;
    final RetentionRun retention;
    final Sweep sweep;
    final ReadBack readBack;
    final Transfers transfers;
    final Reconciler reconciler;

    SimulatedManager(String name, World world, Store plainStore, CrashPoints crashPoints) {
        this.name = name;
        this.database = world.database();
        Settings settings = world.settings();
        Store store = new RetryingStore(
                plainStore,
                RetryPolicy.REQUEST,
                world.coroutines()::sleep,
                world.time()::nanoTime,
                world.chance().generator());
        leases = new TaskLeases(database, name, TASK_LEASE);
        instances = new Instances(database);
        agents = new Agents(database);
        jobs = new Jobs(database);
        backups = new Backups(database);
        restores = new Restores(database);
        Uploads uploads = new Uploads(database);
        TestKeys all = new TestKeys(
                database,
                store,
                settings.master(),
                settings.recovery(),
                settings.signing(),
                world.chance().secure(),
                crashPoints);
        keys = all.ring;
        records = all.records;
        queue = new JobQueue(
                database,
                jobs,
                backups,
                restores,
                agents,
                settings.jobs(),
                world.chance().generator(),
                crashPoints,
                new QueueSignals(database));
        stored = new StoredBackups(backups, store, keys, settings.signing());
        commit = new BackupCommit(
                database,
                instances,
                jobs,
                backups,
                new BackupSnapshots(database),
                uploads,
                queue,
                keys,
                settings.signing(),
                store,
                crashPoints);
        deletions = new BackupDeletions(database);
        deletion = new Deletion(database, instances, new Lives(database), backups, deletions, store);
        scheduler = new Scheduler(
                database, instances, jobs, new Slots(database), queue, settings.schedule(), database::now);
        RetentionPlans plans = new RetentionPlans(backups, restores, scheduler, settings.retention(), database::now);
        retention = new RetentionRun(
                instances, new Lives(database), backups, plans, deletion, store, settings.retention(), database::now);
        sweep = new Sweep(instances, backups, uploads, deletion, store, SWEEP_MIN_AGE);
        readBack = new ReadBack(instances, backups, stored, settings.readBack(), leases);
        transfers = new Transfers(backups, uploads, store, () -> 10_000, crashPoints);
        reconciler = all.reconciler;
    }
}
