package io.holdfast.manager.catalogue;

import io.holdfast.format.json.Json;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.manifest.ManifestException;
import io.holdfast.format.manifest.SignedManifest;
import io.holdfast.manager.catalogue.Reconciliation.Report;
import io.holdfast.manager.database.BackupComparison;
import io.holdfast.manager.database.BackupComparison.Standing;
import io.holdfast.manager.database.Backups;
import io.holdfast.manager.database.Database;
import io.holdfast.manager.database.Instances;
import io.holdfast.manager.database.Instances.Instance;
import io.holdfast.manager.database.KeyVersions;
import io.holdfast.manager.jobs.AgentIdentity;
import io.holdfast.manager.keys.KeyRing;
import io.holdfast.manager.keys.SigningKey;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.Store;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Compares the catalogue with the store and, unless only an audit is wanted, makes the catalogue say what the store has.
 * A manifest counts when a trusted key signed it and it says the instance and the backup that its place says. Run
 * twice, it changes nothing the second time. Objects in the store are never changed. It goes from instance to instance,
 * so what it needs of memory is what the largest one needs.
 *
 * <p>May run beside a manager that works: what a job is doing now is left to the job. A {@link
 * io.holdfast.manager.store.StoreException} ends it; what was mended before stays mended.
 */
public final class Reconciler {
    private static final String UNKNOWN = "unknown";
    private static final int ADOPTED_AT_ONCE = 100;

    private final Database database;
    private final Instances instances;
    private final KeyVersions keyVersions;
    private final Backups backups;
    private final BackupComparison comparison;
    private final KeyRing keys;
    private final SigningKey signing;
    private final Store store;

    public Reconciler(
            Database database,
            Instances instances,
            KeyVersions keyVersions,
            Backups backups,
            BackupComparison comparison,
            KeyRing keys,
            SigningKey signing,
            Store store) {
        this.database = database;
        this.instances = instances;
        this.keyVersions = keyVersions;
        this.backups = backups;
        this.comparison = comparison;
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
        return new Run(false, surroundings, report).all();
    }

    /** Compares, and mends the catalogue. */
    public Reconciliation reconcile(Surroundings surroundings, Report report) {
        return new Run(true, surroundings, report).all();
    }

    /** One comparison. */
    private final class Run {
        private final boolean mend;
        private final Surroundings surroundings;
        private final Report report;
        private long storedInstances;
        private long storedBackups;
        private long differences;
        private long problems;

        Run(boolean mend, Surroundings surroundings, Report report) {
            this.mend = mend;
            this.surroundings = surroundings;
            this.report = report;
        }

        Reconciliation all() {
            Set<String> folders = new HashSet<>(store.folders(StoreLayout.instances()));
            if (folders.isEmpty() && comparison.isAnyListed()) {
                problem("the store has no instance at all, and the catalogue has backups: nothing is compared; is it"
                        + " the right store?");
                return result();
            }
            folders.stream()
                    .filter(AgentIdentity.INSTANCE_ID.asMatchPredicate())
                    .sorted()
                    .forEach(this::instance);
            // Those that the list of folders lacks: each is asked for by its name.
            instances.eachAlsoDeleted(known -> {
                if (!folders.contains(known.instanceId())) {
                    instance(known.instanceId());
                }
            });
            return result();
        }

        private Reconciliation result() {
            return new Reconciliation(storedInstances, storedBackups, differences, problems);
        }

        private void instance(String instanceId) {
            Optional<Instance> known = instances.findAlsoDeleted(instanceId);
            // Before the listing: what is finished after this is not missed in it.
            List<Standing> rows =
                    known.map(row -> comparison.standings(row.id())).orElse(List.of());
            StoredInstance stored = StoredInstance.list(store, instanceId);
            storedInstances += stored.known() ? 1 : 0;
            storedBackups += stored.backupIds().size();
            if (known.isEmpty()) {
                if (!stored.known()) {
                    return;
                }
                differ("instance " + instanceId + " is not in the catalogue");
                if (!mend) {
                    return;
                }
                instances.register(instanceId, service(instanceId));
                known = instances.find(instanceId);
            }
            Instance instance = known.orElseThrow();
            keys(instance, stored);
            backups(instance, rows, stored.backupIds());
        }

        private String service(String instanceId) {
            try {
                Optional<byte[]> file = store.get(StoreLayout.instance(instanceId));
                JsonNode service = file.isEmpty()
                        ? null
                        : Json.mapper().readTree(file.get()).get("service");
                return service == null || !service.isString() ? UNKNOWN : service.stringValue();
            } catch (JacksonException e) {
                problem("instance.json of " + instanceId + " cannot be read");
                return UNKNOWN;
            }
        }

        private void keys(Instance instance, StoredInstance stored) {
            StoredKeys storedKeys = new StoredKeys(store, keys, keyVersions, instance);
            for (int version : stored.keyVersions()) {
                storedKeys
                        .compare(
                                version,
                                surroundings == Surroundings.ALONE,
                                wanted -> recipient(instance, stored, wanted),
                                this::problem)
                        .ifPresent(found -> {
                            differ(found.what());
                            if (mend) {
                                found.mend().run();
                            }
                        });
            }
        }

        /** The recipient that authentic manifests name for a key version; the first is the version's own. */
        private @Nullable String recipient(Instance instance, StoredInstance stored, int version) {
            return stored.backupIds().stream()
                    .flatMap(backupId -> authentic(instance, backupId, _ -> {}).stream())
                    .map(Authentic::manifest)
                    .filter(manifest -> manifest.keyVersion() == version)
                    .map(manifest -> manifest.recipients().getFirst())
                    .findFirst()
                    .orElse(null);
        }

        private Set<Integer> knownKeys(Instance instance) {
            return keyVersions.list(instance.id()).stream()
                    .map(KeyVersions.KeyVersion::version)
                    .collect(Collectors.toSet());
        }

        private void backups(Instance instance, List<Standing> rows, Set<String> stored) {
            Map<String, Standing> byName = new HashMap<>();
            rows.forEach(row -> byName.put(row.backupId(), row));
            List<Authentic> missing = new ArrayList<>();
            for (String backupId : stored) {
                if (isToAdopt(instance, backupId, byName.get(backupId))) {
                    manifest(instance, backupId).ifPresent(missing::add);
                }
                if (missing.size() == ADOPTED_AT_ONCE) {
                    adopt(instance, missing);
                    missing.clear();
                }
            }
            adopt(instance, missing);
            for (Standing row : rows) {
                if (row.state().isListed() && !stored.contains(row.backupId())) {
                    requireManifest(instance, row);
                }
            }
        }

        /** Whether the catalogue does not know the backup as one that is done, and should. */
        private boolean isToAdopt(Instance instance, String backupId, @Nullable Standing row) {
            if (row == null) {
                return true;
            }
            return switch (row.state()) {
                case DONE, VERIFIED, SUSPECT, DELETING -> false;
                case DELETED -> {
                    if (!row.deletionAsked()) {
                        yield true; // it was only not in the store when somebody looked
                    }
                    if (store.head(StoreLayout.manifest(instance.instanceId(), backupId))
                            .isPresent()) {
                        differ("backup " + backupId + " of " + instance.instanceId()
                                + " was deleted, and its manifest is in the store");
                        if (mend) {
                            comparison.deleteAgain(row.id());
                        }
                    }
                    yield false;
                }
                case PENDING, UPLOADED, FAILED ->
                    switch (row.jobState()) {
                        case DONE, FAILED, CANCELLED -> true;
                        case QUEUED, RUNNING, COMMITTING -> surroundings == Surroundings.ALONE;
                    };
            };
        }

        /** A manifest that may be believed, and its file's text. */
        private record Authentic(Manifest manifest, String text) {}

        private Optional<Authentic> manifest(Instance instance, String backupId) {
            Optional<Authentic> found = authentic(instance, backupId, this::problem);
            if (found.isPresent()) {
                differ("backup " + backupId + " of " + instance.instanceId()
                        + " is in the store, but not done in the catalogue");
            }
            return found;
        }

        private Optional<Authentic> authentic(Instance instance, String backupId, Consumer<String> problem) {
            String name = "backup " + backupId + " of " + instance.instanceId();
            Optional<byte[]> file = store.get(StoreLayout.manifest(instance.instanceId(), backupId));
            if (file.isEmpty()) {
                return Optional.empty(); // deleted since it was listed
            }
            try {
                SignedManifest signed = SignedManifest.parse(file.get());
                signed.requireSignedBy(signing.trusted());
                Manifest manifest = signed.manifest();
                if (!manifest.instanceId().equals(instance.instanceId())
                        || !manifest.backupId().equals(backupId)) {
                    problem.accept(
                            name + ": its manifest is that of " + manifest.backupId() + " of " + manifest.instanceId());
                    return Optional.empty();
                }
                return Optional.of(new Authentic(manifest, new String(file.get(), StandardCharsets.UTF_8)));
            } catch (ManifestException e) {
                problem.accept(name + ": its manifest is not authentic: " + e.getMessage());
                return Optional.empty();
            }
        }

        private void adopt(Instance instance, List<Authentic> missing) {
            if (!mend || missing.isEmpty()) {
                return;
            }
            Set<Integer> known = knownKeys(instance);
            missing.stream()
                    .filter(each -> !known.contains(each.manifest().keyVersion()))
                    .forEach(each -> problem("backup " + each.manifest().backupId() + " of " + instance.instanceId()
                            + " is encrypted to key version " + each.manifest().keyVersion()
                            + ", which cannot be opened or is not in the store"));
            database.transaction(() -> {
                missing.forEach(each -> comparison.adopt(instance.id(), each.manifest(), each.text()));
                return true;
            });
        }

        /** A backup that the catalogue lists has a manifest in the store, or it cannot be restored. */
        private void requireManifest(Instance instance, Standing backup) {
            String instanceId = instance.instanceId();
            // Asked for by name: what is to be called lost is not taken from a listing alone.
            if (store.head(StoreLayout.manifest(instanceId, backup.backupId())).isPresent()
                    || !backups.get(backup.id()).state().isListed()) {
                return;
            }
            String what = "backup " + backup.backupId() + " of " + instanceId + " has no manifest in the store";
            if (surroundings == Surroundings.ALONE
                    && store.list(StoreLayout.backup(instanceId, backup.backupId()))
                            .isEmpty()) {
                // The catalogue may be older than the deletion. One that is up to date is never told so silently.
                differ("backup " + backup.backupId() + " of " + instanceId + " is not in the store any more");
                if (mend) {
                    comparison.markGone(backup.id());
                }
                return;
            }
            if (backup.state() == Backups.State.SUSPECT) {
                problem(what + ", and is marked as suspect");
                return;
            }
            differ(what);
            if (mend) {
                backups.endVerification(backup.id(), null, "CORRUPT: its manifest is not in the store");
            }
        }

        private void differ(String what) {
            differences++;
            report.difference().accept(what);
        }

        private void problem(String what) {
            problems++;
            report.problem().accept(what);
        }
    }
}
