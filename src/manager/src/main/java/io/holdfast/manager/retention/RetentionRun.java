package io.holdfast.manager.retention;

import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.BackupAge;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.config.RetentionConfig;
import io.holdfast.manager.deletion.Deletion;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.instance.Lives;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.Store.StoredObject;
import io.holdfast.manager.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the backups deleted that no rule keeps, and those of instances that were deleted long ago. It only decides what
 * to ask {@link Deletion} for, which refuses what must not go; whatever looks odd here makes it delete less, never
 * more.
 */
public final class RetentionRun {
    private static final Logger log = LoggerFactory.getLogger(RetentionRun.class);
    private static final Duration MOST_SKEW = Duration.ofMinutes(5);

    private final Instances instances;
    private final Lives lives;
    private final Backups backups;
    private final RetentionPlans plans;
    private final Deletion deletion;
    private final Store store;
    private final RetentionConfig config;
    private final InstantSource clock;
    private volatile @Nullable Result last;

    /**
     * Makes it.
     *
     * @param clock the database's
     */
    public RetentionRun(
            Instances instances,
            Lives lives,
            Backups backups,
            RetentionPlans plans,
            Deletion deletion,
            Store store,
            RetentionConfig config,
            InstantSource clock) {
        this.instances = instances;
        this.lives = lives;
        this.backups = backups;
        this.plans = plans;
        this.deletion = deletion;
        this.store = store;
        this.config = config;
        this.clock = clock;
    }

    /**
     * What a run did.
     *
     * @param deleted how many backups it deleted
     * @param suspended of how many instances nothing is deleted, because something about their backups is odd
     * @param clockTrusted whether the clocks agree; otherwise it did nothing
     */
    public record Result(Instant at, int deleted, int suspended, boolean clockTrusted) {}

    /** What the last run of this process did; empty before the first one. */
    public Optional<Result> last() {
        return Optional.ofNullable(last);
    }

    /**
     * Looks at all instances once.
     *
     * @throws StoreException when the store does not tell its time; nothing was deleted then
     */
    public Result run() {
        Instant now = clock.instant();
        Result result = config.enabled() ? run(now) : new Result(now, 0, 0, true);
        last = result;
        return result;
    }

    private Result run(Instant now) {
        Duration skew = Duration.between(store.clock(), now).abs();
        if (skew.compareTo(MOST_SKEW) > 0) {
            log.error("nothing is deleted: the store's clock and the manager's differ by {} s", skew.toSeconds());
            return new Result(now, 0, 0, false);
        }
        Tally tally = new Tally();
        instances.each(instance -> {
            List<Verdict> verdicts = plans.verdicts(instance);
            if (instance.deletedAt() == null && isOdd(instance, verdicts)) {
                tally.suspended++;
                return;
            }
            tally.deleted += delete(instance, going(verdicts), config.mostDeletionsPerRun() - tally.deleted);
            if (instance.deletedAt() != null) {
                lives.endWithoutBackups(instance.id());
            }
        });
        if (tally.deleted > 0 || tally.suspended > 0) {
            log.info("retention: {} backups deleted, {} instances left alone", tally.deleted, tally.suspended);
        }
        return new Result(now, tally.deleted, tally.suspended, true);
    }

    private static final class Tally {
        private int deleted;
        private int suspended;
    }

    /** Oldest first. */
    private static List<Verdict> going(List<Verdict> verdicts) {
        return verdicts.stream().filter(Verdict::goes).toList().reversed();
    }

    private boolean isOdd(Instance instance, List<Verdict> verdicts) {
        boolean suspended = verdicts.stream()
                .flatMap(each -> each.reasons().stream())
                .anyMatch(reason -> reason == KeepReason.INSTANCE_HAS_SUSPECT
                        || reason == KeepReason.SUSPECT
                        || reason == KeepReason.INSTANCE_HAS_FUTURE);
        if (suspended) {
            log.warn(
                    "nothing of {} is deleted: see GET /instances/{}/retention",
                    instance.instanceId(),
                    instance.instanceId());
            return true;
        }
        return !going(verdicts).isEmpty() && storeLacksKeptOnes(instance, verdicts);
    }

    /** Whether the store does not have all that the catalogue says stays: then one of the two is not to be trusted. */
    private boolean storeLacksKeptOnes(Instance instance, List<Verdict> verdicts) {
        Set<String> there;
        try {
            there = store.list(StoreLayout.backups(instance.folder())).stream()
                    .map(StoredObject::key)
                    .collect(Collectors.toSet());
        } catch (StoreException e) {
            log.warn("nothing of {} is deleted, the store cannot be listed: {}", instance.instanceId(), e.getMessage());
            return true;
        }
        Set<Long> going = going(verdicts).stream().map(each -> each.copy().id()).collect(Collectors.toSet());
        for (BackupAge backup : backups.ages(instance.id())) {
            String manifest = StoreLayout.manifest(instance.folder(), backup.backupId());
            if (backup.state().isGood() && !going.contains(backup.id()) && !there.contains(manifest)) {
                log.error("nothing of {} is deleted: the store has no {}", instance.instanceId(), manifest);
                return true;
            }
        }
        return false;
    }

    private int delete(Instance instance, List<Verdict> going, int most) {
        int deleted = 0;
        for (Verdict verdict : going) {
            if (deleted == most) {
                log.warn(
                        "{} backups were deleted, the most for one run; the others of {} have to wait",
                        most,
                        instance.instanceId());
                return deleted;
            }
            Backup backup = backups.get(verdict.copy().id());
            if (begin(instance, backup)) {
                deleted++;
                deletion.tryToRemove(backup);
            }
        }
        return deleted;
    }

    private boolean begin(Instance instance, Backup backup) {
        return instance.deletedAt() == null
                ? deletion.beginUnkept(
                        backup, plans.rules(instance).minGoodCopies(), config.verifiedOnly(), Retention.MIN_AGE)
                : deletion.beginAfterInstance(backup, config.deletedInstance());
    }
}
