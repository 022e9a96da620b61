package io.holdfast.manager;

import io.holdfast.manager.agents.Agents;
import io.holdfast.manager.agents.RefusedAgents;
import io.holdfast.manager.assignment.AgentRefusals;
import io.holdfast.manager.assignment.AgentSessions;
import io.holdfast.manager.assignment.JobStarts;
import io.holdfast.manager.backup.BackupJobs;
import io.holdfast.manager.backup.BackupRequests;
import io.holdfast.manager.backup.BackupSnapshots;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.catalogue.Comparisons;
import io.holdfast.manager.catalogue.Reconciler;
import io.holdfast.manager.config.EncryptionKeyConfig;
import io.holdfast.manager.config.ManagerConfig;
import io.holdfast.manager.config.RetentionConfig;
import io.holdfast.manager.config.ScheduleConfig;
import io.holdfast.manager.crash.CrashPoints;
import io.holdfast.manager.deletion.Deletion;
import io.holdfast.manager.deletion.DeletionPreview;
import io.holdfast.manager.deletion.Deletions;
import io.holdfast.manager.deletion.GarbageCollection;
import io.holdfast.manager.deletion.Holds;
import io.holdfast.manager.deletion.InstanceDeletion;
import io.holdfast.manager.deletion.SegmentUses;
import io.holdfast.manager.fleet.Protection;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.instance.Lives;
import io.holdfast.manager.instance.Revisions;
import io.holdfast.manager.jobs.JobCounts;
import io.holdfast.manager.jobs.JobKind;
import io.holdfast.manager.jobs.JobQueue;
import io.holdfast.manager.jobs.Jobs;
import io.holdfast.manager.jobs.OpenJobs;
import io.holdfast.manager.jobs.Pauses;
import io.holdfast.manager.jobs.QueueControl;
import io.holdfast.manager.keys.EncryptionKeys;
import io.holdfast.manager.keys.HeldIdentities;
import io.holdfast.manager.keys.InstanceRecords;
import io.holdfast.manager.keys.KeyRing;
import io.holdfast.manager.keys.KeyVersions;
import io.holdfast.manager.keys.ManagerKeys;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.policy.PlanChanges;
import io.holdfast.manager.publishing.AttemptSegments;
import io.holdfast.manager.publishing.BackupCommit;
import io.holdfast.manager.publishing.Commits;
import io.holdfast.manager.publishing.Lending;
import io.holdfast.manager.publishing.UploadAddresses;
import io.holdfast.manager.restore.DownloadAddresses;
import io.holdfast.manager.restore.RestoreJobs;
import io.holdfast.manager.restore.RestoreRequests;
import io.holdfast.manager.restore.Restores;
import io.holdfast.manager.retention.RetentionPlans;
import io.holdfast.manager.retention.RetentionRun;
import io.holdfast.manager.schedule.Scheduler;
import io.holdfast.manager.schedule.Slots;
import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.TaskLeases;
import io.holdfast.manager.store.ProbedStore;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.verification.ReadBack;
import io.holdfast.manager.verification.RecentLists;
import io.holdfast.manager.verification.StoredBackups;
import io.holdfast.manager.verification.Suspicion;
import io.holdfast.manager.verification.Verifications;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * The domain of a manager, put together in one place: the manager that serves, the one that rebuilds, and those that are
 * simulated have the same. It starts no thread; whoever makes it decides what runs when.
 */
public final class ManagerCore {
    /** How long a manager that is silent keeps its tasks. */
    static final Duration TASK_LEASE = Duration.ofSeconds(30);

    public final String name;
    public final Database database;
    public final TaskLeases leases;
    public final Instances instances;
    public final Lives lives;
    public final Revisions revisions;
    public final Agents agents;
    public final RefusedAgents refused;
    public final KeyVersions keyVersions;
    public final Jobs jobs;
    public final OpenJobs open;
    public final JobCounts jobCounts;
    public final Pauses pauses;
    public final Backups backups;
    public final BackupSnapshots snapshots;
    public final AttemptSegments attemptSegments;
    public final Verifications verifications;
    public final Deletions deletions;
    public final Restores restores;
    public final Slots slots;
    public final Comparisons comparisons;
    public final Protection protection;

    public final ProbedStore probed;
    public final InstanceRecords records;
    public final KeyRing keys;
    public final EncryptionKeys encryptionKeys;
    public final HeldIdentities held;
    public final JobQueue queue;
    public final BackupJobs backupJobs;
    public final RestoreJobs restoreJobs;
    public final StoredBackups stored;
    public final Suspicion suspicion;
    public final BackupCommit commit;
    public final Commits commits;
    public final Deletion deletion;
    public final DeletionPreview deletionPreview;
    public final Scheduler scheduler;
    public final RetentionPlans plans;
    public final RetentionRun retention;
    public final GarbageCollection garbageCollection;
    public final ReadBack readBack;
    public final UploadAddresses uploads;
    public final Lending lending;
    public final RecentLists lists;
    public final DownloadAddresses downloads;
    public final Reconciler reconciler;

    public final BackupRequests backupRequests;
    public final RestoreRequests restoreRequests;
    public final AgentSessions sessions;
    public final AgentRefusals refusals;
    public final JobStarts starts;
    public final QueueControl queueControl;
    public final Holds holds;
    public final PlanChanges planChanges;
    public final InstanceDeletion instanceDeletion;

    /**
     * What a manager has around it.
     *
     * @param name that no other manager, and no other run of this one, has
     * @param plain the store, without repetitions
     * @param store the same, repeating what fails as long as somebody waits for an answer
     * @param patient the same, repeating what fails as long as nobody waits
     * @param executor runs each commit
     * @param helpers do parts of one work at once; what runs them at once itself makes it one after the other
     */
    public record Surroundings(
            String name,
            Database database,
            Store plain,
            Store store,
            Store patient,
            Executor executor,
            Executor helpers,
            SecureRandom random,
            CrashPoints crashPoints) {}

    /**
     * What is set.
     *
     * @param heapBytes how much memory there is for the work on passphrases
     * @param readBack whether every backup is read back
     * @param freshAfterDays after how many days a backup brings a segment again that it could borrow; 0 when none is
     *     borrowed
     * @param garbage how long what nothing explains stays
     * @param taskLease as {@link #TASK_LEASE}
     */
    public record Settings(
            ManagerKeys keys,
            EncryptionKeyConfig encryptionKeys,
            long heapBytes,
            ManagerConfig.Jobs jobs,
            ScheduleConfig schedule,
            RetentionConfig retention,
            boolean readBack,
            int freshAfterDays,
            GarbageCollection.Patience garbage,
            Duration taskLease) {
        /** What a configuration says. */
        static Settings of(ManagerConfig config, ManagerKeys keys, long heapBytes) {
            return new Settings(
                    keys,
                    config.encryptionKeys(),
                    heapBytes,
                    config.jobs(),
                    config.schedule(),
                    config.retention(),
                    config.readBack(),
                    config.freshAfterDays(),
                    GarbageCollection.Patience.of(config.garbageCollection().minAge()),
                    TASK_LEASE);
        }
    }

    public ManagerCore(Surroundings around, Settings settings) {
        name = around.name();
        database = around.database();
        Store store = around.store();
        Store patient = around.patient();
        SecureRandom random = around.random();
        CrashPoints crashPoints = around.crashPoints();
        ManagerKeys own = settings.keys();

        leases = new TaskLeases(database, name, settings.taskLease());
        instances = new Instances(database);
        lives = new Lives(database);
        revisions = new Revisions(database);
        agents = new Agents(database);
        refused = new RefusedAgents(database);
        keyVersions = new KeyVersions(database);
        jobs = new Jobs(database);
        open = new OpenJobs(
                database, settings.jobs().maxRunning(), settings.jobs().silence());
        jobCounts = new JobCounts(database);
        pauses = new Pauses(database);
        backups = new Backups(database);
        snapshots = new BackupSnapshots(database);
        attemptSegments = new AttemptSegments(database);
        verifications = new Verifications(database, backups);
        deletions = new Deletions(database);
        restores = new Restores(database, verifications);
        slots = new Slots(database);
        comparisons = new Comparisons(database);
        protection = new Protection(database);

        probed = new ProbedStore(around.plain(), StoreLayout.older());
        records = new InstanceRecords(database, instances, keyVersions, revisions, store, own.signing());
        keys = new KeyRing(keyVersions, records, own.master(), own.recovery(), random, crashPoints);
        encryptionKeys = new EncryptionKeys(
                database, keys, records, settings.encryptionKeys(), settings.heapBytes(), random, crashPoints);
        held = new HeldIdentities(database, name, settings.taskLease(), random);
        queue = new JobQueue(
                database,
                agents,
                Map.of(JobKind.BACKUP, backups, JobKind.RESTORE, restores),
                settings.jobs(),
                random,
                crashPoints);
        backupJobs = new BackupJobs(database, backups, queue, random);
        restoreJobs = new RestoreJobs(database, restores, queue);
        stored = new StoredBackups(backups, store, keys, own.signing(), around.helpers());
        lists = new RecentLists(store);
        suspicion = new Suspicion(database, instances, lives, backups, verifications, backupJobs, pauses);
        commit = new BackupCommit(
                new BackupCommit.Listed(instances, jobs, backups, snapshots, attemptSegments, database::now),
                queue,
                backupJobs,
                keys,
                own.signing(),
                patient,
                new BackupCommit.Proving(
                        () -> probed.abilities().checksMd5(), around.helpers(), random, suspicion::found),
                crashPoints);
        commits = new Commits(
                around.executor(), jobs, commit, leases, pauses, settings.jobs().maxCommits());
        SegmentUses uses = new SegmentUses(deletions, backups, store, own.signing());
        deletion = new Deletion(database, instances, lives, backups, deletions, uses, store);
        deletionPreview = new DeletionPreview(backups, uses, lists);
        scheduler = new Scheduler(database, instances, jobs, slots, backupJobs, settings.schedule(), database::now);
        Duration fresh = Duration.ofDays(settings.freshAfterDays());
        plans = new RetentionPlans(backups, restores, scheduler, settings.retention(), fresh, database::now);
        retention = new RetentionRun(
                instances, lives, backups, plans, deletion, patient, settings.retention(), database::now);
        garbageCollection = new GarbageCollection(
                instances,
                backups,
                deletions,
                attemptSegments,
                deletion,
                new SegmentUses(deletions, backups, patient, own.signing()),
                patient,
                settings.garbage());
        readBack = new ReadBack(
                instances,
                backups,
                verifications,
                new StoredBackups(backups, patient, keys, own.signing(), around.helpers()),
                suspicion,
                lists,
                settings.readBack(),
                leases);
        uploads = new UploadAddresses(backups, attemptSegments, store, crashPoints);
        lending = new Lending(
                backups,
                attemptSegments,
                queue,
                lists,
                store,
                new Lending.Rules(settings.freshAfterDays(), settings.readBack()),
                database::now);
        downloads = new DownloadAddresses(backups, restores, queue, held, stored, lists, store, crashPoints);
        reconciler = new Reconciler(
                new Reconciler.Listed(database, instances, lives, revisions, keyVersions, backups, verifications),
                comparisons,
                records,
                keys,
                own.signing(),
                patient);

        backupRequests = new BackupRequests(instances, backupJobs);
        restoreRequests = new RestoreRequests(database, backups, restores, jobs, restoreJobs, encryptionKeys, held);
        sessions = new AgentSessions(instances, agents, queue);
        refusals = new AgentRefusals(refused, queue);
        starts = new JobStarts(backups, backupJobs, restores, agents, queue, keys, stored, lending);
        queueControl = new QueueControl(pauses, queue);
        holds = new Holds(deletions);
        planChanges = new PlanChanges(database, instances, scheduler, plans);
        instanceDeletion = new InstanceDeletion(queue, deletion, lives);
    }
}
