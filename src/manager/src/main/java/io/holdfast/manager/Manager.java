package io.holdfast.manager;

import io.holdfast.manager.access.Attempts;
import io.holdfast.manager.access.Callers;
import io.holdfast.manager.access.CloudController;
import io.holdfast.manager.access.GuardedRoutes;
import io.holdfast.manager.access.Idempotency;
import io.holdfast.manager.access.LoginRoutes;
import io.holdfast.manager.access.Logins;
import io.holdfast.manager.access.OpenidProvider;
import io.holdfast.manager.access.Permissions;
import io.holdfast.manager.access.Rights;
import io.holdfast.manager.api.AgentApi;
import io.holdfast.manager.api.BackupsApi;
import io.holdfast.manager.api.DirectoryTransfers;
import io.holdfast.manager.api.DownloadsApi;
import io.holdfast.manager.api.EventsApi;
import io.holdfast.manager.api.FleetApi;
import io.holdfast.manager.api.HealthApi;
import io.holdfast.manager.api.InstanceChanges;
import io.holdfast.manager.api.InstancesApi;
import io.holdfast.manager.api.KeysApi;
import io.holdfast.manager.api.Lookup;
import io.holdfast.manager.api.MetricsApi;
import io.holdfast.manager.api.OpenApi;
import io.holdfast.manager.api.Ownership;
import io.holdfast.manager.api.PlansApi;
import io.holdfast.manager.api.QueueApi;
import io.holdfast.manager.api.RefusedAgentsApi;
import io.holdfast.manager.api.RestoresApi;
import io.holdfast.manager.api.Transfers;
import io.holdfast.manager.api.UnreachableDatabase;
import io.holdfast.manager.backup.BackupCommit;
import io.holdfast.manager.backup.Commits;
import io.holdfast.manager.backup.Deletion;
import io.holdfast.manager.backup.ReadBack;
import io.holdfast.manager.backup.StoredBackups;
import io.holdfast.manager.backup.Sweep;
import io.holdfast.manager.catalogue.Reconciler;
import io.holdfast.manager.catalogue.Reconciler.Surroundings;
import io.holdfast.manager.catalogue.Reconciliation;
import io.holdfast.manager.config.EncryptionKeyConfig;
import io.holdfast.manager.config.ManagerConfig;
import io.holdfast.manager.config.ManagerConfig.Broker;
import io.holdfast.manager.config.StateConfig.EmbeddedState;
import io.holdfast.manager.crash.CrashPoints;
import io.holdfast.manager.dashboard.Dashboard;
import io.holdfast.manager.dashboard.DashboardPages;
import io.holdfast.manager.database.Agents;
import io.holdfast.manager.database.Answers;
import io.holdfast.manager.database.BackupDeletions;
import io.holdfast.manager.database.BackupSnapshots;
import io.holdfast.manager.database.Backups;
import io.holdfast.manager.database.Comparisons;
import io.holdfast.manager.database.Database;
import io.holdfast.manager.database.Instances;
import io.holdfast.manager.database.JobCounts;
import io.holdfast.manager.database.Jobs;
import io.holdfast.manager.database.KeyTries;
import io.holdfast.manager.database.KeyVersions;
import io.holdfast.manager.database.Lives;
import io.holdfast.manager.database.ManagerRecipients;
import io.holdfast.manager.database.OpenJobs;
import io.holdfast.manager.database.Pauses;
import io.holdfast.manager.database.Protection;
import io.holdfast.manager.database.QueueSignals;
import io.holdfast.manager.database.RefusedAgents;
import io.holdfast.manager.database.Restores;
import io.holdfast.manager.database.Revisions;
import io.holdfast.manager.database.Sessions;
import io.holdfast.manager.database.Slots;
import io.holdfast.manager.database.TaskLeases;
import io.holdfast.manager.database.Uploads;
import io.holdfast.manager.http.BodyMemory;
import io.holdfast.manager.http.ClientCertificates;
import io.holdfast.manager.http.EventStreams;
import io.holdfast.manager.http.HttpListener;
import io.holdfast.manager.http.Limits;
import io.holdfast.manager.http.Router;
import io.holdfast.manager.jobs.JobQueue;
import io.holdfast.manager.keys.EncryptionKeys;
import io.holdfast.manager.keys.HeldIdentities;
import io.holdfast.manager.keys.InstanceRecords;
import io.holdfast.manager.keys.KeyRing;
import io.holdfast.manager.keys.ManagerKeys;
import io.holdfast.manager.retention.RetentionPlans;
import io.holdfast.manager.retention.RetentionRun;
import io.holdfast.manager.schedule.Scheduler;
import io.holdfast.manager.state.StateCopies;
import io.holdfast.manager.store.RetryPolicy;
import io.holdfast.manager.store.RetryingStore;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.StoreAbilities;
import io.holdfast.manager.store.StoreException;
import io.holdfast.manager.store.directory.DirectoryStore;
import io.holdfast.protocol.ReleaseVersion;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running manager: all its parts, put together in one place. */
final class Manager implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Manager.class);
    private static final Duration TICK = Duration.ofMillis(500);
    private static final Duration LOOK_AT_SCHEDULES = Duration.ofSeconds(10);
    private static final Duration FORGET_SESSIONS = Duration.ofHours(1);
    private static final Duration SCRUB = Duration.ofMinutes(10);
    private static final Duration LOOK_AT_COPIES = Duration.ofMinutes(1);
    private static final Duration PROBE_AGAIN = Duration.ofSeconds(10);
    private static final Duration TASK_LEASE = Duration.ofSeconds(30);
    private static final Duration NOTE_AGENTS = Duration.ofSeconds(1);
    private static final int MOST_PARTS = 10_000;
    private static final int PROBLEMS_KEPT = 50;

    private final Background background = new Background();
    private final List<AutoCloseable> parts = new ArrayList<>();
    private final Router operators = new Router();
    private final Router agentRoutes = new Router();

    /**
     * Starts everything; returns once it serves.
     *
     * @throws IOException when a file cannot be read or an address is taken
     */
    Manager(ManagerConfig config, CrashPoints crashPoints) throws IOException {
        InstantSource clock = Clock.systemUTC();
        SecureRandom random = new SecureRandom();
        long heap = Runtime.getRuntime().maxMemory();

        Database database = closing(State.open(config.state(), clock)).database();
        String name = name(random);
        TaskLeases leases = new TaskLeases(database, name, TASK_LEASE);
        parts.add(leases::releaseAll);
        Instances instances = new Instances(database);
        Agents agents = new Agents(database);
        Lives lives = new Lives(database);
        RefusedAgents refused = new RefusedAgents(database);
        KeyVersions keyVersions = new KeyVersions(database);
        Revisions revisions = new Revisions(database);
        Jobs jobs = new Jobs(database);
        Backups backups = new Backups(database);
        BackupSnapshots snapshots = new BackupSnapshots(database);
        Restores restores = new Restores(database);
        Uploads uploads = new Uploads(database);

        Store plainStore = closing(Stores.open(config, random, clock));
        Store store = new RetryingStore(plainStore, RetryPolicy.REQUEST, Thread::sleep, System::nanoTime, random);
        Store patient = new RetryingStore(plainStore, RetryPolicy.BACKGROUND, Thread::sleep, System::nanoTime, random);
        AtomicReference<StoreAbilities> abilities = new AtomicReference<>(unknown());

        ManagerKeys own = ManagerKeys.read(config.keys());
        InstanceRecords records =
                new InstanceRecords(database, instances, keyVersions, revisions, store, own.signing());
        KeyRing keys = new KeyRing(keyVersions, records, own.master(), own.recovery(), random, crashPoints);
        EncryptionKeyConfig keyRules = config.encryptionKeys();
        EncryptionKeys encryptionKeys = new EncryptionKeys(
                keys,
                records,
                keyVersions,
                revisions,
                new KeyTries(database, keyRules.mostWrong(), keyRules.wrongWithin()),
                keyRules,
                heap,
                random,
                crashPoints);
        HeldIdentities held = new HeldIdentities(new ManagerRecipients(database, name, TASK_LEASE), random);
        held.announce();

        JobQueue queue = new JobQueue(
                database,
                jobs,
                backups,
                restores,
                agents,
                config.jobs(),
                random,
                crashPoints,
                closing(new QueueSignals(database)));
        StoredBackups stored = new StoredBackups(backups, store, keys, own.signing());
        Commits commits = new Commits(
                Thread::startVirtualThread,
                jobs,
                new BackupCommit(
                        database,
                        instances,
                        jobs,
                        backups,
                        snapshots,
                        uploads,
                        queue,
                        keys,
                        own.signing(),
                        patient,
                        crashPoints),
                leases,
                config.jobs().maxCommits());
        BackupDeletions deletions = new BackupDeletions(database);
        Deletion deletion = new Deletion(database, instances, lives, backups, deletions, store);
        Slots slots = new Slots(database);
        Scheduler scheduler = new Scheduler(database, instances, jobs, slots, queue, config.schedule(), database::now);
        RetentionPlans plans = new RetentionPlans(backups, restores, scheduler, config.retention(), database::now);
        RetentionRun retention = new RetentionRun(
                instances, lives, backups, plans, deletion, patient, config.retention(), database::now);
        Sweep sweep = new Sweep(
                instances, backups, uploads, deletion, patient, config.sweep().minAge());
        ReadBack readBack = new ReadBack(
                instances,
                backups,
                new StoredBackups(backups, patient, keys, own.signing()),
                config.readBack(),
                leases);

        StateCopies stateCopies = config.stateCopy().enabled() && config.state() instanceof EmbeddedState(var directory)
                ? new StateCopies(
                        database,
                        directory,
                        patient,
                        own.recipients(),
                        own.signing(),
                        config.stateCopy(),
                        random,
                        database::now)
                : null;

        Comparisons comparisons = new Comparisons(database);
        Pauses pauses = new Pauses(database);
        HealthApi health = new HealthApi(database, plainStore, clock);
        health.addTo(operators);
        new OpenApi().addTo(operators);
        OpenidProvider provider = config.login().openid() == null
                ? null
                : closing(new OpenidProvider(config.login().openid(), clock));
        Permissions permissions = config.cloudController() == null
                ? Permissions.NOBODYS
                : closing(new CloudController(config.cloudController(), clock));
        Logins logins = new Logins(new Sessions(database), config.login(), provider, random, clock);
        Attempts attempts = new Attempts(clock);
        DashboardPages pages = new DashboardPages();
        GuardedRoutes routes = new GuardedRoutes(
                operators,
                new Callers(
                        config.operators(),
                        config.brokers().stream().map(Broker::user).toList(),
                        provider,
                        attempts,
                        logins,
                        new Rights(instances, permissions)),
                new Idempotency(database, new Answers(database)),
                pages);
        new LoginRoutes(config.operators(), provider, attempts, logins, pages, random).addTo(operators, routes);
        Lookup lookup = new Lookup(instances, backups, restores);
        Duration silence = config.jobs().silence();
        PlansApi plansApi = new PlansApi(lookup, plans, scheduler, deletions, database::now);
        plansApi.addTo(routes);
        boolean downloads = config.downloads().enabled();
        DownloadsApi downloadsApi = new DownloadsApi(
                lookup, keyVersions, store, config.downloads(), plainStore instanceof DirectoryStore, clock);
        downloadsApi.addTo(routes);
        OpenJobs open = new OpenJobs(database);
        EventStreams events = new EventStreams();
        new EventsApi(lookup, open, events, downloads, silence).addTo(routes);
        KeysApi keysApi = new KeysApi(lookup, keyVersions, encryptionKeys);
        keysApi.addTo(routes);
        Ownership ownership = new Ownership(config.operators(), config.brokers(), lives);
        InstanceChanges changes = new InstanceChanges(database, instances, lives, encryptionKeys, ownership);
        new InstancesApi(
                        lookup, changes, lives, ownership, keysApi, deletion, plansApi, plans, scheduler, slots, queue,
                        downloads, silence)
                .addTo(routes);
        new BackupsApi(lookup, queue, deletion, plans, downloads, database::now).addTo(routes);
        new RestoresApi(lookup, jobs, queue, encryptionKeys, held).addTo(routes);
        new FleetApi(agents, abilities::get, comparisons, silence).addTo(routes);
        new RefusedAgentsApi(refused, queue).addTo(routes);
        new MetricsApi(
                        config.metricsPassword(),
                        attempts,
                        instances,
                        agents,
                        new JobCounts(database),
                        deletions,
                        retention,
                        comparisons,
                        sweep,
                        pauses,
                        stateCopies,
                        silence,
                        config.memoryAlertMb())
                .addTo(operators);

        new QueueApi(lookup, open, pauses, queue, config.jobs().maxRunning(), silence, database::now).addTo(routes);

        Dashboard dashboard = new Dashboard(
                pages,
                lookup,
                changes,
                open,
                new Protection(database),
                agents,
                refused,
                pauses,
                queue,
                plans,
                scheduler,
                encryptionKeys,
                health,
                comparisons,
                downloadsApi,
                events,
                abilities::get,
                config.jobs().maxRunning(),
                config.jobs().rollbackHours(),
                silence,
                database::now);
        dashboard.addTo(operators, routes);

        new AgentApi(
                        new ClientCertificates(config.tls().agentsCaFile(), clock),
                        refused,
                        config.tls().agentNames(),
                        instances,
                        agents,
                        backups,
                        snapshots,
                        restores,
                        queue,
                        keys,
                        held,
                        stored,
                        new Transfers(
                                backups, uploads, store, () -> abilities.get().maxParts(), crashPoints),
                        config.jobs(),
                        crashPoints)
                .addTo(agentRoutes);
        if (plainStore instanceof DirectoryStore directory) {
            DirectoryTransfers transfers = new DirectoryTransfers(directory);
            transfers.addTo(agentRoutes);
            if (downloads) {
                transfers.addDownloadsTo(operators);
            }
        }

        Reconciler reconciler = new Reconciler(database, records, keys, own.signing(), patient);

        background.every(TASK_LEASE.dividedBy(3), "renew leases of tasks", leases::renew);
        background.every(PROBE_AGAIN, "probe the store", () -> probeOnce(plainStore, abilities));
        background.every(TASK_LEASE.dividedBy(3), "say that this manager lives", held::announce);
        background.every(TICK, "drop what ended restores needed", restores::dropSealed);
        background.every(
                LOOK_AT_SCHEDULES, "put keys into the store", unlessPaused(pauses, encryptionKeys::storeMissing));
        background.every(TICK, "lose expired jobs", queue::loseExpired);
        background.every(NOTE_AGENTS, "note which agents were seen", agents::noteSeen);
        background.every(TICK, "commit backups", () -> {
            if (!pauses.isStorePaused()) {
                commits.begin();
            }
        });
        background.everyAlone(leases, TICK, "sweep known leftovers", unlessPaused(pauses, sweep::knownLeftovers));
        background.everyAlone(
                leases, config.sweep().every(), "sweep unknown uploads", unlessPaused(pauses, sweep::unknownUploads));
        background.everyAlone(
                leases,
                config.reconcileEvery(),
                "compare the catalogue with the store",
                unlessPaused(pauses, () -> reconcile(reconciler, comparisons)));
        background.everyAlone(
                leases, config.reconcileEvery(), "sweep unknown objects", unlessPaused(pauses, sweep::unknownObjects));
        background.everyAlone(leases, LOOK_AT_SCHEDULES, "start scheduled backups", scheduler::startDue);
        background.everyAlone(leases, config.retention().every(), "retention", unlessPaused(pauses, () -> {
            retention.run();
            scheduler.forgetOld();
        }));
        if (stateCopies != null) {
            background.every(
                    LOOK_AT_COPIES, "copy the state into the store", unlessPaused(pauses, stateCopies::copyWhenDue));
        }
        background.everyAlone(leases, FORGET_SESSIONS, "forget old sessions", logins::forgetOld);
        background.every(SCRUB, "let go of what was deleted", database::scrub);
        background.every(TICK, "read backups back", () -> {
            while (!pauses.isBackgroundPaused() && readBack.next()) {
                log.debug("read one backup back");
            }
        });

        BodyMemory bodies = new BodyMemory(heap);
        parts.add(new HttpListener(
                config.agentsListen(),
                config.tls().certificateFile(),
                config.tls().privateKeyFile(),
                true,
                Limits.forAgents(heap),
                bodies,
                new UnreachableDatabase(agentRoutes)));
        parts.add(new HttpListener(
                config.listen(),
                config.tls().certificateFile(),
                config.tls().privateKeyFile(),
                false,
                Limits.forOperators(heap),
                bodies,
                new UnreachableDatabase(operators)));
        parts.add(events);
        log.info(
                "release {}: serving operators at {} and agents at {}",
                ReleaseVersion.current(),
                config.listen(),
                config.agentsListen());
    }

    /** Does nothing while operators have stopped everything, or the use of the store. */
    private static Background.Task unlessPaused(Pauses pauses, Background.Task task) {
        return () -> {
            if (!pauses.isBackgroundPaused()) {
                task.run();
            }
        };
    }

    private static void reconcile(Reconciler reconciler, Comparisons comparisons) {
        List<String> told = new ArrayList<>();
        Reconciliation found = reconciler.reconcile(
                Surroundings.MANAGER_WORKS,
                new Reconciliation.Report(
                        each -> log.warn("catalogue and store differed, and the catalogue was mended: {}", each),
                        each -> {
                            log.error("catalogue and store differ: {}", each);
                            if (told.size() < PROBLEMS_KEPT) {
                                told.add(each);
                            }
                        }));
        comparisons.note(found.instances(), found.backups(), found.differences(), found.problems(), told);
        log.info(
                "catalogue and store compared: {} instances, {} backups, {} differences, {} problems",
                found.instances(),
                found.backups(),
                found.differences(),
                found.problems());
    }

    /** A name that no other manager and no other run of this one has. */
    private static String name(SecureRandom random) {
        byte[] name = new byte[16];
        random.nextBytes(name);
        return HexFormat.of().formatHex(name);
    }

    /** The routes for operators, brokers, app developers and browsers, as {@code METHOD pattern}. */
    List<String> routes() {
        return operators.routes();
    }

    /** The routes for agents. */
    List<String> agentRoutes() {
        return agentRoutes.routes();
    }

    private <T extends AutoCloseable> T closing(T part) {
        parts.add(part);
        return part;
    }

    /** Until the probe: what every store can do. */
    private static StoreAbilities unknown() {
        return new StoreAbilities("not probed yet", false, false, false, MOST_PARTS, List.of());
    }

    private static void probeOnce(Store store, AtomicReference<StoreAbilities> abilities) {
        StoreAbilities unknown = abilities.get();
        if (unknown.description().equals(unknown().description())) {
            try {
                StoreAbilities found = store.probe();
                abilities.set(found);
                log.info("store: {}", found);
            } catch (StoreException e) {
                log.warn("the store cannot be used, and is probed again: {}: {}", e.kind(), e.getMessage());
            }
        }
    }

    @Override
    public void close() {
        background.close();
        for (AutoCloseable part : parts.reversed()) {
            try {
                part.close();
            } catch (Exception e) {
                log.warn("a part did not stop cleanly", e);
            }
        }
    }
}
