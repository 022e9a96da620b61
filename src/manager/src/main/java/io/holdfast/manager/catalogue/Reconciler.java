package io.holdfast.manager.catalogue;

import io.holdfast.format.json.Json;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.manifest.ManifestException;
import io.holdfast.format.manifest.SignedManifest;
import io.holdfast.manager.database.Backups;
import io.holdfast.manager.database.Backups.Backup;
import io.holdfast.manager.database.Database;
import io.holdfast.manager.database.Instances;
import io.holdfast.manager.database.Instances.Instance;
import io.holdfast.manager.database.KeyVersions;
import io.holdfast.manager.keys.KeyMismatchException;
import io.holdfast.manager.keys.KeyRing;
import io.holdfast.manager.keys.SigningKey;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.Store;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Compares the catalogue with the store and, unless only an audit is wanted, makes the catalogue say what the store has.
 * A manifest counts when a trusted key signed it and it says the instance and the backup that its place says. Run
 * twice, it changes nothing the second time. Objects in the store are never changed.
 *
 * <p>May run beside a manager that works: what a job is doing now is left to the job. A {@link
 * io.holdfast.manager.store.StoreException} ends it; what was mended before stays mended.
 */
public final class Reconciler {
    private static final String UNKNOWN = "unknown";

    private final Database database;
    private final Instances instances;
    private final KeyVersions keyVersions;
    private final Backups backups;
    private final KeyRing keys;
    private final SigningKey signing;
    private final Store store;

    public Reconciler(
            Database database,
            Instances instances,
            KeyVersions keyVersions,
            Backups backups,
            KeyRing keys,
            SigningKey signing,
            Store store) {
        this.database = database;
        this.instances = instances;
        this.keyVersions = keyVersions;
        this.backups = backups;
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
    public Reconciliation audit(Surroundings surroundings) {
        return new Run(false, surroundings).all();
    }

    /** Compares, and mends the catalogue. */
    public Reconciliation reconcile(Surroundings surroundings) {
        return new Run(true, surroundings).all();
    }

    /** One comparison. */
    private final class Run {
        private final boolean mend;
        private final Surroundings surroundings;
        private final List<String> differences = new ArrayList<>();
        private final List<String> problems = new ArrayList<>();

        Run(boolean mend, Surroundings surroundings) {
            this.mend = mend;
            this.surroundings = surroundings;
        }

        Reconciliation all() {
            // Before the listing: what is finished after this is not missed in it.
            List<Backup> listed = backups.listed();
            List<StoredInstance> stored = StoredInstance.list(store);
            Map<String, StoredInstance> byId = new HashMap<>();
            for (StoredInstance each : stored) {
                byId.put(each.instanceId(), each);
                instance(each);
            }
            for (Backup backup : listed) {
                requireManifest(backup, byId);
            }
            int count =
                    stored.stream().mapToInt(each -> each.backupIds().size()).sum();
            return new Reconciliation(stored.size(), count, differences, problems);
        }

        private void instance(StoredInstance stored) {
            Optional<Instance> known = instances.findAlsoDeleted(stored.instanceId());
            if (known.isEmpty()) {
                differ("instance " + stored.instanceId() + " is not in the catalogue");
                if (!mend) {
                    return;
                }
                instances.register(stored.instanceId(), service(stored.instanceId()));
                known = instances.find(stored.instanceId());
            }
            Instance instance = known.orElseThrow();
            for (int version : stored.keyVersions()) {
                key(instance, version);
            }
            Map<String, Backup> rows = new HashMap<>();
            backups.list(instance.id()).forEach(row -> rows.put(row.backupId(), row));
            for (String backupId : stored.backupIds()) {
                backup(instance, backupId, rows.get(backupId));
            }
        }

        private String service(String instanceId) {
            try {
                Optional<byte[]> file = store.get(StoreLayout.instance(instanceId));
                JsonNode service = file.isEmpty()
                        ? null
                        : Json.mapper().readTree(file.get()).get("service");
                return service == null || !service.isString() ? UNKNOWN : service.stringValue();
            } catch (JacksonException e) {
                problems.add("instance.json of " + instanceId + " cannot be read");
                return UNKNOWN;
            }
        }

        private void key(Instance instance, int version) {
            boolean known = keyVersions.list(instance.id()).stream().anyMatch(each -> each.version() == version);
            if (known) {
                return;
            }
            String name = "key version " + version + " of " + instance.instanceId();
            byte[] wrapped =
                    store.get(StoreLayout.key(instance.instanceId(), version)).orElse(new byte[0]);
            try {
                String recipient = keys.recipientOf(wrapped);
                differ(name + " is not in the catalogue");
                if (mend) {
                    keyVersions.adopt(instance.id(), version, recipient, wrapped);
                }
            } catch (KeyMismatchException e) {
                problems.add(name + " cannot be opened: " + e.getMessage());
            }
        }

        private void backup(Instance instance, String backupId, @Nullable Backup row) {
            if (row == null) {
                adopt(instance, backupId);
                return;
            }
            switch (row.state()) {
                case DONE, VERIFIED, SUSPECT, DELETING -> {}
                case DELETED -> {
                    if (store.head(StoreLayout.manifest(instance.instanceId(), backupId))
                            .isPresent()) {
                        differ("backup " + backupId + " of " + instance.instanceId()
                                + " was deleted, and its manifest is in the store");
                        if (mend) {
                            backups.deleteAgain(row.id());
                        }
                    }
                }
                case PENDING, UPLOADED, FAILED -> {
                    boolean ended = switch (row.jobState()) {
                        case DONE, FAILED, CANCELLED -> true;
                        case QUEUED, RUNNING, COMMITTING -> false;
                    };
                    if (ended || surroundings == Surroundings.ALONE) {
                        adopt(instance, backupId);
                    }
                }
            }
        }

        private void adopt(Instance instance, String backupId) {
            String name = "backup " + backupId + " of " + instance.instanceId();
            try {
                Optional<byte[]> file = store.get(StoreLayout.manifest(instance.instanceId(), backupId));
                if (file.isEmpty()) {
                    return; // deleted since it was listed
                }
                SignedManifest signed = SignedManifest.parse(file.get());
                signed.requireSignedBy(signing.trusted());
                Manifest manifest = signed.manifest();
                if (!manifest.instanceId().equals(instance.instanceId())
                        || !manifest.backupId().equals(backupId)) {
                    problems.add(
                            name + ": its manifest is that of " + manifest.backupId() + " of " + manifest.instanceId());
                    return;
                }
                if (keyVersions.list(instance.id()).stream().noneMatch(key -> key.version() == manifest.keyVersion())
                        && mend) {
                    problems.add(name + " is encrypted to key version " + manifest.keyVersion()
                            + ", which cannot be opened or is not in the store");
                }
                differ(name + " is in the store, but not done in the catalogue");
                if (mend) {
                    String text = new String(file.get(), StandardCharsets.UTF_8);
                    database.transaction(() -> backups.adopt(instance.id(), manifest, text));
                }
            } catch (ManifestException e) {
                problems.add(name + ": its manifest is not authentic: " + e.getMessage());
            }
        }

        /** A backup that the catalogue lists has a manifest in the store, or it cannot be restored. */
        private void requireManifest(Backup backup, Map<String, StoredInstance> byId) {
            String instanceId = instances.get(backup.instance()).instanceId();
            StoredInstance stored = byId.get(instanceId);
            if (stored != null && stored.backupIds().contains(backup.backupId())) {
                return;
            }
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
                    backups.markGone(backup.id());
                }
                return;
            }
            if (backup.state() == Backups.State.SUSPECT) {
                problems.add(what + ", and is marked as suspect");
                return;
            }
            differ(what);
            if (mend) {
                backups.endVerification(backup.id(), false, "CORRUPT: its manifest is not in the store");
            }
        }

        private void differ(String what) {
            differences.add(what);
        }
    }
}
