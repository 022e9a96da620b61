package io.holdfast.manager.catalogue;

import io.holdfast.manager.agents.AgentIdentity;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.catalogue.Reconciliation.Report;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.instance.Lives;
import io.holdfast.manager.instance.Revisions;
import io.holdfast.manager.keys.InstanceRecords;
import io.holdfast.manager.keys.KeyRing;
import io.holdfast.manager.keys.KeyVersions;
import io.holdfast.manager.keys.SigningKey;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.transaction.Transactions;
import io.holdfast.manager.verification.Verifications;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Compares the catalogue with the store. Beside a manager that works the catalogue is right: what the store has otherwise
 * is told, records and key files are put back, and nothing is taken in but the end of jobs that this manager ordered.
 * Alone, as {@code rebuild} does it, the catalogue is made to say what the store has, as far as that is signed. Run twice,
 * it changes nothing the second time. It goes from instance to instance, so what it needs of memory is what the largest
 * one needs.
 *
 * <p>A {@link io.holdfast.manager.store.StoreException} ends it; what was mended before stays mended.
 */
public final class Reconciler {
    private static final int STRANGE_TOLD = 10;

    private final Listed listed;
    private final ComparedBackupTable comparison;
    private final InstanceRecords records;
    private final KeyRing keys;
    private final SigningKey signing;
    private final Store store;

    /** What the catalogue has. */
    public record Listed(
            Transactions transactions,
            Instances instances,
            Lives lives,
            Revisions revisions,
            KeyVersions keys,
            Backups backups,
            Verifications verifications) {}

    public Reconciler(
            Listed listed,
            Comparisons comparisons,
            InstanceRecords records,
            KeyRing keys,
            SigningKey signing,
            Store store) {
        this.listed = listed;
        this.comparison = comparisons.backups;
        this.records = records;
        this.keys = keys;
        this.signing = signing;
        this.store = store;
    }

    /** Who may be working meanwhile. */
    public enum Surroundings {
        /** A manager works: backups whose jobs have not ended are left alone. */
        MANAGER_WORKS,
        /** No manager works: a backup with a manifest is done, whatever its job was about. */
        ALONE
    }

    /** Compares only. */
    public Reconciliation audit(Surroundings surroundings, Report report) {
        return new Run(new Findings(false, surroundings, report)).all();
    }

    /** Compares, and mends. */
    public Reconciliation reconcile(Surroundings surroundings, Report report) {
        return new Run(new Findings(true, surroundings, report)).all();
    }

    /** One comparison. */
    private final class Run {
        private final Findings findings;
        private final Manifests manifests;
        private final StoredRecords storedRecords;
        private final StoredBackupsComparison storedBackups;
        private long instancesSeen;
        private long backupsSeen;

        Run(Findings findings) {
            this.findings = findings;
            // An earlier key may have come into other hands: beside a manager that works, nothing new counts by it.
            this.manifests = new Manifests(store, findings.alone() ? signing.trusted() : signing.present());
            this.storedRecords = new StoredRecords(
                    listed, records, keys, new RecordsTakenIn(listed, keys, store, findings), findings);
            this.storedBackups = new StoredBackupsComparison(listed, comparison, manifests, store, findings);
        }

        Reconciliation all() {
            Set<String> folders = new HashSet<>(store.folders(StoreLayout.instances()));
            if (folders.isEmpty() && comparison.isAnyListed()) {
                findings.problem(
                        "the store has no instance at all, and the catalogue has backups: nothing is compared; is"
                                + " it the right store?");
                return result();
            }
            folders.stream().sorted().forEach(each -> {
                if (AgentIdentity.isInstanceId(each)) {
                    instance(each);
                } else {
                    findings.problem("the store has a folder that is no instance's: " + each);
                }
            });
            // Those that the list of folders lacks: each is asked for by its name.
            listed.instances().eachAlsoDeleted(known -> {
                if (!folders.contains(known.instanceId())) {
                    instance(known.instanceId());
                }
            });
            return result();
        }

        private Reconciliation result() {
            return new Reconciliation(instancesSeen, backupsSeen, findings.differences(), findings.problems());
        }

        private void instance(String instanceId) {
            // Before the listing: what is finished after this is not missed in it.
            List<Standing> rows = listed.lives().all(instanceId).stream()
                    .flatMap(each -> comparison.standings(each.id()).stream())
                    .toList();
            StoredInstance stored = StoredInstance.list(store, instanceId);
            instancesSeen += stored.known() ? 1 : 0;
            backupsSeen += stored.manifests().size();
            storedRecords.compare(
                    instanceId,
                    stored,
                    () -> findings.alone()
                            ? manifests.witnesses(instanceId, stored.manifests().keySet())
                            : List.of());
            if (!listed.lives().all(instanceId).isEmpty()) {
                storedBackups.compare(instanceId, rows, stored);
            } else if (findings.alone()) {
                // Nothing of it is in the catalogue: what of its backups cannot be believed is told all the same.
                stored.manifests().keySet().forEach(each -> manifests.read(instanceId, each, findings::problem));
            }
            stored.strange().stream()
                    .limit(STRANGE_TOLD)
                    .forEach(each -> findings.problem("the store has an object that Holdfast did not write: " + each));
        }
    }
}
