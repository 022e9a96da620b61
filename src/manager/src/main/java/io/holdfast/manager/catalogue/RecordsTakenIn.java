package io.holdfast.manager.catalogue;

import io.holdfast.format.instance.Custody;
import io.holdfast.format.instance.InstanceRecord;
import io.holdfast.manager.catalogue.Manifests.Witness;
import io.holdfast.manager.instance.Revisions;
import io.holdfast.manager.keys.KeyCopies;
import io.holdfast.manager.keys.KeyRing;
import io.holdfast.manager.keys.KeyVersion;
import io.holdfast.manager.keys.KeyVersions;
import io.holdfast.manager.keys.Wrapped;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.transaction.Transactions;
import java.time.Instant;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Takes instances and their keys into a catalogue that was lost or is older than the store.
 *
 * <p>A record is believed as it is when no backup speaks of a later one. If one does, somebody has put an older record back
 * or taken the newest away: then its keys are good for old backups alone, and its owner is not believed. Without a record
 * only such keys are taken in whose recipient a signed manifest names, for old backups alone.
 */
final class RecordsTakenIn {
    private final Transactions transactions;
    private final Revisions revisions;
    private final KeyVersions versions;
    private final KeyRing keys;
    private final Store store;
    private final Findings findings;

    RecordsTakenIn(Reconciler.Listed listed, KeyRing keys, Store store, Findings findings) {
        this.transactions = listed.transactions();
        this.revisions = listed.revisions();
        this.versions = listed.keys();
        this.keys = keys;
        this.store = store;
        this.findings = findings;
    }

    /** Takes an instance in as its record says. */
    void by(InstanceRecord wanted, List<Witness> witnesses) {
        Optional<Witness> latest = latest(witnesses);
        if (latest.isPresent() && latest.get().life() > wanted.life()) {
            findings.problem("the record of instance " + wanted.instanceId() + " is of life " + wanted.life()
                    + ", and backup " + latest.get().backupId() + " is of life "
                    + latest.get().life() + ": an older record was put back");
            withoutRecord(wanted.instanceId(), witnesses);
            return;
        }
        boolean stale = latest.filter(each -> each.life() == wanted.life() && each.revision() > wanted.revision())
                .isPresent();
        if (stale) {
            findings.problem("the record of instance " + wanted.instanceId() + " is of revision " + wanted.revision()
                    + ", and backup " + latest.orElseThrow().backupId() + " says that there was revision "
                    + latest.orElseThrow().revision()
                    + ": an older record was put back. No new backup is made with its keys, and an operator has to"
                    + " assign its owner");
        }
        InstanceRecord followed = stale ? with(wanted, latest.orElseThrow().custody()) : wanted;
        SortedMap<Integer, String> proven =
                wanted.nothingIsLeft() ? new TreeMap<>() : recipients(wanted.instanceId(), wanted.life(), witnesses);
        transactions.transaction(() -> {
            long instance = revisions.follow(followed, stale);
            wanted.keys().forEach(each -> take(instance, followed, each, stale));
            wanted.keys().forEach(each -> proven.remove(each.version()));
            proven.forEach((version, recipient) -> adopt(instance, followed, version, recipient));
            if (stale || !proven.isEmpty()) {
                revisions.setToStore(
                        instance,
                        Math.max(
                                wanted.revision(), latest.map(Witness::revision).orElse(0L)));
            } else {
                revisions.setStored(instance, wanted.revision());
            }
            return instance;
        });
    }

    /** Takes an instance in as its backups' manifests prove it. */
    void withoutRecord(String id, List<Witness> witnesses) {
        Witness latest = latest(witnesses).orElseThrow();
        SortedMap<Integer, String> proven = recipients(id, latest.life(), witnesses);
        Instant begin = witnesses.stream()
                .filter(each -> each.life() == latest.life())
                .map(Witness::at)
                .min(Comparator.naturalOrder())
                .orElseThrow();
        InstanceRecord wanted = new InstanceRecord(
                InstanceRecord.FORMAT,
                id,
                latest.revision() + 1,
                latest.life(),
                latest.service(),
                null,
                begin,
                null,
                false,
                latest.custody(),
                witnesses.stream().mapToInt(Witness::keyVersion).max().orElse(0) + 1,
                List.of());
        transactions.transaction(() -> {
            long instance = revisions.follow(wanted, true);
            proven.forEach((version, recipient) -> adopt(instance, wanted, version, recipient));
            revisions.setToStore(instance, wanted.revision());
            return instance;
        });
    }

    private static Optional<Witness> latest(List<Witness> witnesses) {
        return witnesses.stream().max(Comparator.comparingInt(Witness::life).thenComparingLong(Witness::revision));
    }

    private static InstanceRecord with(InstanceRecord record, Custody custody) {
        return new InstanceRecord(
                record.format(),
                record.instanceId(),
                record.revision(),
                record.life(),
                record.service(),
                null,
                record.createdAt(),
                record.deletedAt(),
                record.backupsKept(),
                custody,
                record.nextKeyVersion(),
                record.keys());
    }

    /** Which recipient each key version of a life has, by the manifests. */
    private SortedMap<Integer, String> recipients(String id, int life, List<Witness> witnesses) {
        SortedMap<Integer, String> found = new TreeMap<>();
        for (Witness each : witnesses) {
            if (each.life() == life) {
                String before = found.putIfAbsent(each.keyVersion(), each.recipient());
                if (before != null && !before.equals(each.recipient())) {
                    findings.problem(
                            "backup " + each.backupId() + " of " + id + " names another recipient for key version "
                                    + each.keyVersion() + " than the backups before it");
                }
            }
        }
        return found;
    }

    private void take(long instance, InstanceRecord of, InstanceRecord.Key key, boolean stale) {
        Map<Integer, KeyVersion> here = here(instance);
        KeyVersion row = here.get(key.version());
        String name = "key version " + key.version() + " of instance " + of.instanceId();
        if (versions.isOfAnother(instance, key.recipient())
                || (row != null && !row.recipient().equals(key.recipient()))) {
            findings.problem(name + " has the recipient of another one: it is ignored");
            return;
        }
        byte[] wrapped = bytes(key.wrapped());
        boolean opens = keys.opens(wrapped, key.recipient());
        if (of.custody() == Custody.MANAGED && !opens) {
            findings.problem(name + " cannot be opened with the manager's master key");
            if (row != null && row.managed()) {
                wrapped = row.wrapped().bytes();
                opens = true;
            }
        }
        KeyCopies copies = new KeyCopies(
                new Wrapped(wrapped),
                key.passphraseWrapped() == null ? null : new Wrapped(bytes(key.passphraseWrapped())),
                of.custody() == Custody.MANAGED && opens);
        if (row == null) {
            findings.differ(name + " is not in the catalogue");
        }
        versions.takeIn(
                instance,
                key.version(),
                key.recipient(),
                copies,
                key.segmentSecret() == null ? null : new Wrapped(bytes(key.segmentSecret())),
                key.adopted() || stale,
                key.createdAt());
    }

    private Map<Integer, KeyVersion> here(long instance) {
        Map<Integer, KeyVersion> found = new TreeMap<>();
        versions.list(instance).forEach(each -> found.put(each.version(), each));
        return found;
    }

    private static byte[] bytes(@Nullable String base64) {
        return base64 == null ? new byte[0] : Base64.getDecoder().decode(base64);
    }

    /** Takes a key version in that a manifest names, with what the store has of it. */
    private void adopt(long instance, InstanceRecord of, int version, String recipient) {
        String name = "key version " + version + " of instance " + of.instanceId();
        if (here(instance).containsKey(version)) {
            return;
        }
        if (versions.isOfAnother(instance, recipient)) {
            findings.problem(name + " has the recipient of another one: it is ignored");
            return;
        }
        byte[] wrapped = store.get(StoreLayout.key(of.instanceId(), version)).orElse(new byte[0]);
        byte[] forPassphrase =
                store.get(StoreLayout.passphraseKey(of.instanceId(), version)).orElse(null);
        boolean opens = keys.opens(wrapped, recipient);
        if (wrapped.length == 0 && forPassphrase == null) {
            findings.problem(name + " is needed by backups, and is nowhere");
            return;
        }
        if (of.custody() == Custody.USER && opens && forPassphrase != null) {
            findings.problem(name + " is its user's alone, and the store has a copy for the manager: it is not used");
            wrapped = new byte[0];
            opens = false;
        } else if (!opens && of.custody() == Custody.MANAGED) {
            findings.problem(name + " cannot be opened with the manager's master key");
        }
        findings.differ(name + " is not in the catalogue");
        versions.takeIn(
                instance,
                version,
                recipient,
                new KeyCopies(new Wrapped(wrapped), forPassphrase == null ? null : new Wrapped(forPassphrase), opens),
                null,
                true,
                of.createdAt());
    }
}
