package io.holdfast.manager.verification;

import io.holdfast.format.segment.SegmentName;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.BackupAge;
import io.holdfast.manager.backup.BackupJobs;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.backup.Replacement;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.instance.Lives;
import io.holdfast.manager.jobs.Pauses;
import io.holdfast.manager.transaction.Transactions;
import io.holdfast.protocol.FailureCode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What follows when a backup is found to be damaged: it is suspect, and if it is an object that is damaged or missing, so is
 * each backup that uses the same object. Then a backup is ordered that brings all of its segments. May be used by any thread.
 */
public final class Suspicion {
    private static final Logger log = LoggerFactory.getLogger(Suspicion.class);

    private final Transactions transactions;
    private final Instances instances;
    private final Lives lives;
    private final Backups backups;
    private final Verifications verifications;
    private final BackupJobs jobs;
    private final Pauses pauses;

    public Suspicion(
            Transactions transactions,
            Instances instances,
            Lives lives,
            Backups backups,
            Verifications verifications,
            BackupJobs jobs,
            Pauses pauses) {
        this.transactions = transactions;
        this.instances = instances;
        this.lives = lives;
        this.backups = backups;
        this.verifications = verifications;
        this.jobs = jobs;
        this.pauses = pauses;
    }

    /** Notes that a backup was found to be damaged. The same again changes nothing but what it says of this one. */
    void found(Backup backup, UnreadableBackup damage) {
        SegmentName segment = damage.segment().orElse(null);
        String message = damage.code() + ": " + damage.getMessage();
        if (segment == null) {
            verifications.failed(backup.id(), message);
            return;
        }
        spread(
                instances.get(backup.instance()),
                backup,
                message,
                segment,
                "which was found to be damaged or missing in backup " + backup.backupId() + ": " + damage.getMessage());
    }

    /** Notes that an object was found to be damaged or missing when another backup was about to use it. */
    public void found(Instance instance, SegmentName segment, String what) {
        spread(instance, null, "", segment, "which was found to be damaged or missing: " + what);
    }

    private void spread(
            Instance instance, @Nullable Backup found, String message, SegmentName segment, String whatOfOthers) {
        List<BackupAge> others = users(instance.folder(), found, segment);
        boolean news = transactions.transaction(instance.id(), () -> {
            int marked = 0;
            if (found != null) {
                marked += backups.get(found.id()).state().isGood() ? 1 : 0;
                verifications.failed(found.id(), message);
            }
            for (BackupAge other : others) {
                if (backups.get(other.id()).state().isGood()) {
                    verifications.failed(
                            other.id(), FailureCode.CORRUPT + ": it uses " + segment.path() + ", " + whatOfOthers);
                    marked++;
                }
            }
            if (marked > 0) {
                orderFresh(instance.id());
            }
            return marked > 0;
        });
        if (news) {
            others.forEach(other -> log.error(
                    "backup {} of {} is suspect: it uses {}, which is damaged or missing",
                    other.backupId(),
                    instance.instanceId(),
                    segment.path()));
        }
    }

    /** Orders a backup in the place of one that is suspect now, since somebody else has found damage that concerns it. */
    public void replace(long backup) {
        long instance = backups.get(backup).instance();
        transactions.transaction(instance, () -> {
            orderFresh(instance);
            return true;
        });
    }

    /** In the transaction in which it became known. */
    private void orderFresh(long id) {
        Instance instance = instances.get(id);
        if (instance.deletedAt() == null && !instance.excluded() && !pauses.isPaused(id)) {
            BackupJobs.Ordered ordered = jobs.queueFresh(instance);
            log.info("backup {} of {} is to bring all of its segments", ordered.number(), instance.instanceId());
        }
    }

    /**
     * The other listed backups, of all lives of the instance, that use a segment, or read it in the place of another one. One
     * manifest at a time is in memory.
     */
    private List<BackupAge> users(String folder, @Nullable Backup found, SegmentName segment) {
        List<SegmentName> names = new ArrayList<>(List.of(segment));
        for (Replacement each : backups.replacements().of(folder).values()) {
            if (each.line().name().equals(segment)) {
                names.add(each.lost());
            }
        }
        List<BackupAge> users = new ArrayList<>();
        for (Instance life : lives.all(folder)) {
            for (BackupAge age : backups.ages(life.id())) {
                if ((found == null || age.id() != found.id())
                        && age.state().isListed()
                        && backups.parsedManifest(age.id())
                                .filter(each -> names.stream().anyMatch(each::uses))
                                .isPresent()) {
                    users.add(age);
                }
            }
        }
        return users;
    }
}
