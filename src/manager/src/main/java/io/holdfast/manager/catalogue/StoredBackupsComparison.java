package io.holdfast.manager.catalogue;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.segment.Runs;
import io.holdfast.format.segment.SegmentName;
import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.backup.NotedManifest;
import io.holdfast.manager.backup.Replacement;
import io.holdfast.manager.catalogue.Manifests.Authentic;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.instance.Lives;
import io.holdfast.manager.keys.KeyVersion;
import io.holdfast.manager.keys.KeyVersions;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.Store.StoredObject;
import io.holdfast.manager.transaction.Transactions;
import io.holdfast.manager.verification.Verifications;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Compares the backups of one instance, of all of its lives, with what the store has of them. */
final class StoredBackupsComparison {
    private static final int ADOPTED_AT_ONCE = 100;
    private static final int MISSING_ASKED = 1000;

    private final Transactions transactions;
    private final Lives lives;
    private final KeyVersions keyVersions;
    private final Backups backups;
    private final Verifications verifications;
    private final ComparedBackupTable comparison;
    private final Manifests manifests;
    private final Store store;
    private final Findings findings;

    StoredBackupsComparison(
            Reconciler.Listed listed,
            ComparedBackupTable comparison,
            Manifests manifests,
            Store store,
            Findings findings) {
        this.transactions = listed.transactions();
        this.lives = listed.lives();
        this.keyVersions = listed.keys();
        this.backups = listed.backups();
        this.verifications = listed.verifications();
        this.comparison = comparison;
        this.manifests = manifests;
        this.store = store;
        this.findings = findings;
    }

    /**
     * Compares one instance.
     *
     * @param rows what the catalogue knew of its backups before the store was listed
     */
    void compare(String instanceId, List<Standing> rows, StoredInstance stored) {
        Map<String, Standing> byName = new HashMap<>();
        rows.forEach(row -> byName.put(row.backupId(), row));
        List<Authentic> missing = new ArrayList<>();
        List<String> unbelieved = new ArrayList<>();
        for (String backupId : stored.manifests().keySet()) {
            Standing row = byName.get(backupId);
            if (isToAdopt(instanceId, backupId, row)) {
                manifest(instanceId, backupId, row != null, unbelieved).ifPresent(missing::add);
            } else if (row != null && row.state().isListed()) {
                compare(instanceId, row, stored);
            }
            if (missing.size() == ADOPTED_AT_ONCE) {
                adopt(instanceId, missing);
                missing.clear();
            }
        }
        adopt(instanceId, missing);
        long waiting =
                rows.stream().filter(row -> row.state() == BackupState.DELETING).count();
        if (waiting > 0 && !unbelieved.isEmpty()) {
            findings.problem("of instance " + instanceId + ", " + waiting
                    + " deleted backups keep their segments until somebody has looked at the manifest of "
                    + unbelieved.getFirst()
                    + ", since nobody knows what it uses: delete that object if it is not yours");
        }
        for (Standing row : rows) {
            if (row.state().isListed() && !stored.manifests().containsKey(row.backupId())) {
                requireManifest(instanceId, row);
            }
        }
    }

    /** Whether the catalogue does not know the backup as one that is done, and should. */
    private boolean isToAdopt(String instanceId, String backupId, @Nullable Standing row) {
        if (row == null) {
            return true;
        }
        return switch (row.state()) {
            case DONE, VERIFIED, SUSPECT, DELETING -> false;
            case DELETED -> {
                if (!row.deletionAsked()) {
                    yield true; // it was only not in the store when somebody looked
                }
                if (store.head(StoreLayout.manifest(instanceId, backupId)).isPresent()) {
                    findings.differ("backup " + backupId + " of " + instanceId
                            + " was deleted, and its manifest is in the store");
                    if (findings.mend()) {
                        comparison.deleteAgain(row.id());
                    }
                }
                yield false;
            }
            case PENDING, UPLOADED, FAILED ->
                switch (row.jobState()) {
                    case DONE, FAILED, CANCELLED -> true;
                    case QUEUED, RUNNING, COMMITTING -> findings.alone();
                };
        };
    }

    /** The manifest of a backup that is to be taken in. Beside a manager that works only what it has ordered is. */
    private Optional<Authentic> manifest(String instanceId, String backupId, boolean ordered, List<String> unbelieved) {
        Optional<Authentic> found = manifests.read(instanceId, backupId, problem -> {
            unbelieved.add(backupId);
            findings.problem(problem);
        });
        String name = "backup " + backupId + " of " + instanceId;
        if (found.isEmpty()) {
            return found;
        }
        if (!ordered && !findings.alone()) {
            findings.problem(name + " is in the store and not in the catalogue: only a rebuild adds it");
            return Optional.empty();
        }
        int life = found.get().manifest().life().number();
        Optional<Instance> its = lives.find(instanceId, life);
        if (its.isPresent() && its.get().deletedAt() != null && !its.get().backupsKept()) {
            findings.problem(name + " is of life " + life + " of it, which was deleted with its backups: it is ignored;"
                    + " delete its folder if nobody needs it");
            return Optional.empty();
        }
        if (its.isEmpty() && !lives.all(instanceId).isEmpty()) {
            findings.problem(name + " is of life " + life + " of it, which the catalogue does not have: it is ignored");
            return Optional.empty();
        }
        findings.differ(name + " is in the store, but not done in the catalogue");
        return found;
    }

    private void adopt(String instanceId, List<Authentic> missing) {
        if (!findings.mend() || missing.isEmpty()) {
            return;
        }
        Map<Integer, Instance> byLife =
                lives.all(instanceId).stream().collect(Collectors.toMap(Instance::life, each -> each));
        Map<Integer, Set<Integer>> keys = new HashMap<>();
        byLife.forEach((life, its) -> keys.put(
                life,
                keyVersions.list(its.id()).stream().map(KeyVersion::version).collect(Collectors.toSet())));
        missing.stream()
                .map(Authentic::manifest)
                .filter(each ->
                        !keys.getOrDefault(each.life().number(), Set.of()).contains(each.keyVersion()))
                .forEach(each -> findings.problem("backup " + each.backupId() + " of " + instanceId
                        + " is encrypted to key version " + each.keyVersion()
                        + ", which cannot be opened or is not in the store"));
        transactions.transaction(() -> {
            for (Authentic each : missing) {
                Instance its = byLife.get(each.manifest().life().number());
                if (its != null) {
                    comparison.adopt(its.id(), each.manifest(), each.text());
                }
            }
            return true;
        });
    }

    /** A listed backup is in the store as it was written, as far as that can be seen without reading all of it. */
    private void compare(String instanceId, Standing row, StoredInstance stored) {
        String text = backups.manifest(row.id()).orElse(null);
        StoredObject listed = stored.manifests().get(row.backupId());
        if (text == null || listed == null || !backups.get(row.id()).state().isListed()) {
            return;
        }
        String name = "backup " + row.backupId() + " of " + instanceId;
        byte[] written = text.getBytes(StandardCharsets.UTF_8);
        if (!isSame(written, listed)) {
            damaged(row, name, "its manifest in the store is not the one that was written");
            return;
        }
        String wrong = wrong(NotedManifest.parse(written), stored);
        if (wrong != null) {
            damaged(row, name, wrong);
        }
    }

    private boolean isSame(byte[] written, StoredObject listed) {
        if (!findings.alone() && listed.md5() != null && listed.md5().equals(md5(written))) {
            return true;
        }
        return store.get(listed.key())
                .filter(each -> MessageDigest.isEqual(each, written))
                .isPresent();
    }

    /** What of a backup is not in the store as it was made, in words; null when nothing is seen. */
    private @Nullable String wrong(Manifest manifest, StoredInstance stored) {
        long listBytes = manifest.segments().list().bytes();
        String list = StoreLayout.list(manifest.instanceId(), manifest.backupId());
        // Asked for by name: what is to be called lost is not taken from a listing alone.
        if (!Long.valueOf(listBytes).equals(stored.lists().get(manifest.backupId()))
                && store.head(list).filter(each -> each.size() == listBytes).isEmpty()) {
            return "the list of its segments is not in the store as it was made";
        }
        for (Manifest.Brought brought : manifest.segments().brought()) {
            String wrong = wrong(
                    manifest.instanceId(),
                    brought,
                    stored.segments().getOrDefault(brought.bringer(), new BroughtSegments()));
            if (wrong != null) {
                return wrong;
            }
        }
        return null;
    }

    private @Nullable String wrong(String instanceId, Manifest.Brought brought, BroughtSegments there) {
        List<Integer> missing = there.missing(brought, MISSING_ASKED);
        while (!missing.isEmpty()) {
            for (int number : missing) {
                SegmentName segment = new SegmentName(brought.backupId(), brought.attempt(), number);
                Replacement other = replaced(instanceId, segment);
                if (other != null) {
                    there.add(number, other.lostBytes());
                    continue;
                }
                StoredObject object =
                        store.head(StoreLayout.segment(instanceId, segment)).orElse(null);
                if (object == null || object.size() == 0) {
                    return segment.path() + (object == null ? " is not in the store" : " is empty in the store");
                }
                there.add(number, object.size());
            }
            missing = there.missing(brought, MISSING_ASKED);
        }
        long bytes = there.bytes(brought);
        return bytes == brought.bytes()
                ? null
                : "its segments of attempt " + brought.attempt() + " at " + brought.backupId() + " have " + bytes
                        + " bytes in the store instead of " + brought.bytes();
    }

    /** What is there in the place of an object; null when nothing is. */
    private @Nullable Replacement replaced(String instanceId, SegmentName segment) {
        Replacement other = backups.replacements().of(instanceId).get(segment);
        return other != null
                        && store.head(StoreLayout.segment(
                                        instanceId, other.line().name()))
                                .filter(each -> each.size() == other.line().bytes())
                                .isPresent()
                ? other
                : null;
    }

    private static String md5(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A backup that the catalogue lists has a manifest in the store, or it cannot be restored. */
    private void requireManifest(String instanceId, Standing backup) {
        // Asked for by name: what is to be called lost is not taken from a listing alone.
        if (store.head(StoreLayout.manifest(instanceId, backup.backupId())).isPresent()
                || !backups.get(backup.id()).state().isListed()) {
            return;
        }
        String name = "backup " + backup.backupId() + " of " + instanceId;
        if (findings.alone()
                && store.list(StoreLayout.backup(instanceId, backup.backupId())).isEmpty()
                && isAllOfOthers(instanceId, backup.backupId())) {
            // The catalogue may be older than the deletion. One that is up to date is never told so silently.
            findings.differ(name + " is not in the store any more");
            if (findings.mend()) {
                comparison.markGone(backup.id());
            }
            return;
        }
        damaged(backup, name, "its manifest is not in the store");
    }

    /** A deletion leaves of a backup's segments those that others use, and only those. */
    private boolean isAllOfOthers(String instanceId, String backupId) {
        int start = StoreLayout.folder(instanceId).length();
        // What is no segment has no name, and is nobody's.
        Set<Optional<SegmentName>> left = new HashSet<>();
        store.list(
                StoreLayout.segments(instanceId, backupId),
                each -> left.add(SegmentName.find(each.key().substring(start))));
        for (String other : left.isEmpty() ? List.<String>of() : store.folders(StoreLayout.backups(instanceId))) {
            List<Manifest.Brought> used = manifests
                    .read(instanceId, other, _ -> {})
                    .map(each -> each.manifest().segments().brought())
                    .orElse(List.of());
            for (Manifest.Brought each : used) {
                Runs numbers = each.runs();
                left.removeIf(name -> name.filter(its -> its.bringer().equals(each.bringer()))
                        .filter(its -> numbers.contains(its.number()))
                        .isPresent());
            }
        }
        return left.isEmpty();
    }

    private void damaged(Standing backup, String name, String what) {
        if (backup.state() == BackupState.SUSPECT) {
            findings.problem(name + ": " + what + "; it is marked as suspect");
            return;
        }
        findings.problem(name + ": " + what);
        if (findings.mend()) {
            verifications.failed(backup.id(), "CORRUPT: " + what);
            findings.damaged(backup.id());
        }
    }
}
