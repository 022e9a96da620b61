package io.holdfast.manager;

import io.holdfast.format.segment.SegmentName;
import io.holdfast.manager.agents.AgentCertificate;
import io.holdfast.manager.agents.Agents;
import io.holdfast.manager.backup.BackupJobs;
import io.holdfast.manager.backup.BackupRequests;
import io.holdfast.manager.backup.BackupRows;
import io.holdfast.manager.backup.BackupSnapshots;
import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.config.EncryptionKeyConfig;
import io.holdfast.manager.config.KeepRules;
import io.holdfast.manager.config.ManagerConfig;
import io.holdfast.manager.config.RetentionConfig;
import io.holdfast.manager.config.ScheduleConfig;
import io.holdfast.manager.cron.CronExpression;
import io.holdfast.manager.cron.CronSchedule;
import io.holdfast.manager.cron.MaintenanceWindow;
import io.holdfast.manager.deletion.Deletion;
import io.holdfast.manager.deletion.DeletionPreview;
import io.holdfast.manager.deletion.DeletionRows;
import io.holdfast.manager.deletion.Deletions;
import io.holdfast.manager.deletion.GarbageCollection;
import io.holdfast.manager.deletion.Holds;
import io.holdfast.manager.deletion.SegmentUses;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.instance.Lives;
import io.holdfast.manager.jobs.JobKind;
import io.holdfast.manager.jobs.JobQueue;
import io.holdfast.manager.jobs.JobRows;
import io.holdfast.manager.jobs.Jobs;
import io.holdfast.manager.keys.EncryptionKeys;
import io.holdfast.manager.keys.HeldIdentities;
import io.holdfast.manager.layout.MadeUpBackup;
import io.holdfast.manager.publishing.AttemptSegments;
import io.holdfast.manager.publishing.BackupCommit;
import io.holdfast.manager.publishing.Lending;
import io.holdfast.manager.restore.RestoreJobs;
import io.holdfast.manager.restore.RestoreRequests;
import io.holdfast.manager.restore.Restores;
import io.holdfast.manager.retention.RetentionPlans;
import io.holdfast.manager.retention.RetentionRun;
import io.holdfast.manager.schedule.Scheduler;
import io.holdfast.manager.schedule.Slots;
import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.TestDatabase;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.directory.DirectorySettings;
import io.holdfast.manager.store.directory.DirectoryStore;
import io.holdfast.manager.verification.RecentLists;
import io.holdfast.manager.verification.Verifications;
import io.holdfast.protocol.Capability;
import io.holdfast.protocol.Hello;
import io.holdfast.protocol.ProtocolVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BooleanSupplier;
import javax.crypto.spec.SecretKeySpec;

/** The parts of a manager that plan and delete, on a real database and a real directory store. */
public final class TestPlans implements AutoCloseable {
    public static final KeepRules LAST_TWO = new KeepRules(2, Duration.ZERO, 0, 0, 0, 0, 2, ZoneOffset.UTC);

    public final Database database;
    public final Instances instances;
    public final Lives lives;
    public final Agents agents;
    public final Backups backups;
    public final Restores restores;
    public final Jobs jobs;
    public final Slots slots;
    public final AttemptSegments segments;
    public final Holds holds;
    public final JobRows jobRows;
    public final BackupRows backupRows;
    public final DeletionRows deletionRows;
    public final Deletions deletions;
    public final Store store;
    public final JobQueue queue;
    public final BackupJobs backupJobs;
    public final RestoreJobs restoreJobs;
    public final BackupRequests backupRequests;
    public final Deletion deletion;
    public Instant schedulerTime = Instant.parse("2027-03-01T00:00:00Z");
    private Duration storeAhead = Duration.ZERO;
    private int names;

    /** A bound that tests reach. */
    public static final int MOST_RUNNING = 2;

    public TestPlans(Path folder) {
        this(folder, Integer.MAX_VALUE);
    }

    /**
     * Makes the parts.
     *
     * @param mostRunning how many jobs may run at once
     */
    public TestPlans(Path folder, int mostRunning) {
        database = TestDatabase.open(folder.resolve("state"));
        instances = new Instances(database);
        lives = new Lives(database);
        agents = new Agents(database);
        backups = new Backups(database);
        restores = new Restores(database, new Verifications(database, backups));
        jobs = new Jobs(database);
        slots = new Slots(database);
        segments = new AttemptSegments(database);
        deletions = new Deletions(database);
        holds = new Holds(deletions);
        jobRows = new JobRows(database);
        backupRows = new BackupRows(database);
        deletionRows = new DeletionRows(database);
        try {
            store = new DirectoryStore(
                    new DirectorySettings(
                            Files.createDirectories(folder.resolve("store")).toAbsolutePath(),
                            URI.create("https://127.0.0.1:1/store"),
                            new SecretKeySpec(new byte[32], "HmacSHA256")),
                    () -> database.now().plus(storeAhead));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ManagerConfig.Jobs limits = new ManagerConfig.Jobs(
                Duration.ofSeconds(30),
                Duration.ofSeconds(5),
                Duration.ofSeconds(20),
                5,
                Duration.ofSeconds(1),
                Duration.ofHours(1),
                24,
                mostRunning,
                16);
        queue = new JobQueue(
                database,
                agents,
                Map.of(JobKind.BACKUP, backups, JobKind.RESTORE, restores),
                limits,
                new Random(),
                point -> {});
        backupJobs = new BackupJobs(database, backups, queue, new Random());
        restoreJobs = new RestoreJobs(database, restores, queue);
        backupRequests = new BackupRequests(instances, backupJobs);
        deletion = deletion(store);
    }

    /** Deletions through a store. */
    public Deletion deletion(Store through) {
        return new Deletion(database, instances, lives, backups, deletions, uses(through), through);
    }

    /** What is used, as a store shows it. */
    public SegmentUses uses(Store through) {
        return new SegmentUses(deletions, backups, through, TestKeys.SIGNING);
    }

    /** What collects garbage through a store. */
    public GarbageCollection garbageCollection(Store through, GarbageCollection.Patience patience) {
        return new GarbageCollection(
                instances, backups, deletions, segments, deletion(through), uses(through), through, patience);
    }

    /** A scheduler of daily backups at 01:30 UTC, without a spread. */
    public Scheduler scheduler(MaintenanceWindow... windows) {
        return scheduler(Duration.ZERO, () -> schedulerTime, windows);
    }

    public Scheduler scheduler(Duration spread, InstantSource clock, MaintenanceWindow... windows) {
        ScheduleConfig config = new ScheduleConfig(
                true,
                new CronSchedule(CronExpression.parse("30 1 * * *"), ZoneOffset.UTC),
                spread,
                Duration.ofMinutes(15),
                List.of(windows));
        return new Scheduler(database, instances, jobs, slots, backupJobs, config, clock);
    }

    /** Users' passphrases, below a master key that nobody else has. */
    public EncryptionKeys encryptionKeys() {
        return encryptionKeys(database, new TestKeys(database, store));
    }

    /** Users' passphrases on a ring. */
    public static EncryptionKeys encryptionKeys(Database database, TestKeys keys) {
        SecureRandom secure = new SecureRandom();
        EncryptionKeyConfig rules = new EncryptionKeyConfig(8, 10, 1, 5, Duration.ofMinutes(15));
        return new EncryptionKeys(
                database, keys.ring, keys.records, rules, Runtime.getRuntime().maxMemory(), secure, point -> {});
    }

    /** What holds identities for restores, in this process alone. */
    public HeldIdentities heldIdentities() {
        return new HeldIdentities(database, "manager", Duration.ofMinutes(1), new SecureRandom());
    }

    /** What happens when a restore is asked for. */
    public RestoreRequests restoreRequests() {
        return new RestoreRequests(database, backups, restores, jobs, restoreJobs, encryptionKeys(), heldIdentities());
    }

    public RetentionPlans plans(RetentionConfig config) {
        Duration fresh = Duration.ofDays(14);
        return new RetentionPlans(
                backups, restores, scheduler(Duration.ZERO, database::now), config, fresh, database::now);
    }

    public RetentionRun run(RetentionConfig config) {
        return new RetentionRun(instances, lives, backups, plans(config), deletion, store, config, database::now);
    }

    public static RetentionConfig config(KeepRules rules, int most, boolean verifiedOnly) {
        return new RetentionConfig(true, rules, Duration.ofDays(30), most, Duration.ofHours(1), verifiedOnly);
    }

    public void setStoreAhead(Duration ahead) {
        storeAhead = ahead;
    }

    /** An instance with an agent. */
    public Instance instance(String name) {
        instances.register(name, "postgresql");
        Instance instance = instances.find(name).orElseThrow();
        agents.hello(
                instance.id(),
                0,
                new AgentCertificate("1", "0".repeat(64)),
                new Hello(
                        "session",
                        "postgresql",
                        "1",
                        "host",
                        "18",
                        List.of(),
                        List.of(),
                        ProtocolVersion.NEWEST,
                        Capability.words()),
                ProtocolVersion.NEWEST);
        return instance;
    }

    /**
     * A backup that was made so long ago, with its objects in the store if it is finished.
     *
     * @param borrowed what it uses of others
     */
    public long backup(Instance instance, BackupState state, Duration age, SegmentName... borrowed) {
        String name = "backup-" + names++;
        long id = backupRows.add(instance.id(), name);
        long job = backups.get(id).job().id();
        boolean ended = state != BackupState.PENDING;
        long time = database.now().minus(age).toEpochMilli();
        if (state == BackupState.DONE || state == BackupState.VERIFIED || state == BackupState.SUSPECT) {
            backupRows.sequence(id);
            TestDatabase.run(database, "UPDATE backup SET finished_at = " + time + " WHERE id = " + id);
            MadeUpBackup made = MadeUpBackup.of(name, borrowed);
            made.store(store, instance.instanceId(), TestKeys.SIGNING.pair());
            byte[] manifest = made.manifest(instance.instanceId(), TestKeys.SIGNING.pair());
            backupRows.setManifest(id, new String(manifest, StandardCharsets.UTF_8));
        }
        TestDatabase.run(database, "UPDATE backup SET state = '" + state + "' WHERE id = " + id);
        if (ended) {
            TestDatabase.run(database, "UPDATE job SET state = 'DONE' WHERE id = " + job);
        }
        return id;
    }

    @Override
    public void close() {
        store.close();
        database.close();
    }

    /**
     * Proves what attempts have stored, and makes them backups.
     *
     * @param checksMd5 whether the store is believed to take nothing with another MD5
     */
    public BackupCommit commit(TestKeys keys, Store through, BooleanSupplier checksMd5, BackupCommit.Damage damage) {
        return new BackupCommit(
                new BackupCommit.Listed(
                        instances, jobs, backups, new BackupSnapshots(database), segments, database::now),
                queue,
                backupJobs,
                keys.ring,
                TestKeys.SIGNING,
                through,
                new BackupCommit.Proving(checksMd5, Runnable::run, new Random(1), damage),
                point -> {});
    }

    /** Says what a deletion would free. */
    public DeletionPreview deletionPreview() {
        return new DeletionPreview(backups, uses(store), new RecentLists(store));
    }

    /** Lends segments of finished backups; after so many days they are made anew. */
    public Lending lending(int freshAfterDays) {
        return new Lending(
                backups,
                new AttemptSegments(database),
                queue,
                new RecentLists(store),
                store,
                new Lending.Rules(freshAfterDays, false),
                database::now);
    }
}
