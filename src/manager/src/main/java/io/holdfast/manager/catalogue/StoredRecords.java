package io.holdfast.manager.catalogue;

import io.holdfast.format.instance.InstanceRecord;
import io.holdfast.manager.catalogue.Manifests.Witness;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.instance.Lives;
import io.holdfast.manager.instance.Revisions;
import io.holdfast.manager.keys.InstanceRecords;
import io.holdfast.manager.keys.InstanceRecords.Recorded;
import io.holdfast.manager.keys.InstanceRecords.Stored;
import io.holdfast.manager.keys.KeyRing;
import io.holdfast.manager.keys.KeyVersion;
import io.holdfast.manager.keys.KeyVersions;
import io.holdfast.manager.store.StoreException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Compares an instance's record and key files in the store with the catalogue.
 *
 * <p>Beside a manager that works the catalogue is right: what the store has otherwise is told and put back, and nothing is
 * taken in. Alone, what a newer authentic record says is taken in ({@link RecordsTakenIn}). What nobody signed counts for
 * nothing, ever.
 */
final class StoredRecords {
    private final Instances instances;
    private final Lives lives;
    private final KeyVersions versions;
    private final Revisions revisions;
    private final InstanceRecords records;
    private final KeyRing keys;
    private final RecordsTakenIn takenIn;
    private final Findings findings;

    StoredRecords(
            Reconciler.Listed listed,
            InstanceRecords records,
            KeyRing keys,
            RecordsTakenIn takenIn,
            Findings findings) {
        this.instances = listed.instances();
        this.lives = listed.lives();
        this.versions = listed.keys();
        this.revisions = listed.revisions();
        this.records = records;
        this.keys = keys;
        this.takenIn = takenIn;
        this.findings = findings;
    }

    /**
     * Compares one instance.
     *
     * @param witnesses reads what the manifests say of it; none beside a manager that works
     */
    void compare(String id, StoredInstance stored, Supplier<List<Witness>> witnesses) {
        Stored found = records.stored(id);
        Optional<Instance> known = instances.findAlsoDeleted(id);
        if (known.isEmpty()) {
            unknown(id, stored, found, witnesses);
        } else {
            known(known.get(), found, witnesses);
        }
        instances.findAlsoDeleted(id).ifPresent(now -> files(now, stored));
    }

    private void unknown(String id, StoredInstance stored, Stored found, Supplier<List<Witness>> witnesses) {
        if (!findings.alone()) {
            if (stored.known()) {
                findings.problem(
                        "instance " + id + " is in the store and not in the catalogue: only a rebuild adds it");
            }
            return;
        }
        switch (found) {
            case Stored.Authentic authentic -> {
                findings.differ("instance " + id + " is not in the catalogue");
                take(authentic.instance(), witnesses.get());
            }
            case Stored.Unusable unusable -> {
                findings.problem("the record of instance " + id + " cannot be trusted: " + unusable.why());
                takeWithoutRecord(id, stored, witnesses.get());
            }
            case Stored.Missing missing -> takeWithoutRecord(id, stored, witnesses.get());
        }
    }

    private void takeWithoutRecord(String id, StoredInstance stored, List<Witness> witnesses) {
        if (witnesses.isEmpty()) {
            if (stored.known()) {
                findings.problem("the store has files of an instance " + id
                        + ", but nothing signed says that there is one: they are ignored");
            }
            return;
        }
        findings.problem("instance " + id + " is not in the catalogue, and its record is not in the store: what its"
                + " backups prove is added, and an operator has to assign its owner");
        if (findings.mend()) {
            takenIn.withoutRecord(id, witnesses);
        }
    }

    private void take(InstanceRecord wanted, List<Witness> witnesses) {
        if (findings.mend()) {
            takenIn.by(wanted, witnesses);
        }
    }

    private void known(Instance instance, Stored found, Supplier<List<Witness>> witnesses) {
        String name = "the record of instance " + instance.instanceId();
        boolean pending = instance.revision() != instance.storedRevision();
        switch (found) {
            case Stored.Authentic authentic -> {
                InstanceRecord there = authentic.instance();
                Recorded here = records.recorded(instance.id());
                boolean same = there.equals(here.toRecord());
                boolean counts = findings.alone() || authentic.present();
                if (counts
                        && (there.revision() > instance.revision()
                                || (findings.alone() && there.revision() == instance.revision() && !same))) {
                    newer(name, there, witnesses.get());
                } else if (same) {
                    if (!authentic.text().equals(records.text(here)) && findings.mend()) {
                        revisions.storeAgain(instance.id()); // an earlier manager signed it
                    }
                } else if (!pending || !counts || there.revision() < instance.storedRevision()) {
                    putBack(instance, name + " in the store is not the one that was put there last");
                }
            }
            case Stored.Unusable unusable -> {
                if (unusable.othersKey() && !isOwn(instance)) {
                    findings.problem(name + " in the store is signed with a key that this manager does not trust, and"
                            + " nothing shows that this manager has the keys of its catalogue: it is left as it is");
                } else if (instance.storedRevision() > 0) {
                    putBack(instance, name + " in the store cannot be trusted: " + unusable.why());
                } else {
                    findings.problem(name + " in the store is not this manager's: " + unusable.why());
                }
            }
            case Stored.Missing missing -> {
                if (instance.storedRevision() > 0) {
                    putBack(instance, name + " is not in the store any more");
                } else {
                    lost(instance, name, witnesses.get());
                }
            }
        }
    }

    /** An instance that this catalogue never put into the store, and that may have backups there all the same. */
    private void lost(Instance instance, String name, List<Witness> witnesses) {
        if (!witnesses.isEmpty()) {
            findings.problem(name + " is not in the store, though it has backups: what these prove is added");
            if (findings.mend()) {
                takenIn.withoutRecord(instance.instanceId(), witnesses);
            }
        }
    }

    /**
     * Whether this manager has the keys that its catalogue was made with. With others, as after a mistake in its
     * configuration, it must not sign anew what the right ones have signed.
     */
    private boolean isOwn(Instance instance) {
        List<KeyVersion> managed = versions.list(instance.id()).stream()
                .filter(KeyVersion::managed)
                .toList();
        return !managed.isEmpty()
                && managed.stream().allMatch(each -> keys.opens(each.wrapped().bytes(), each.recipient()));
    }

    private void newer(String name, InstanceRecord there, List<Witness> witnesses) {
        if (findings.alone()) {
            findings.differ(name + " is newer in the store than in the catalogue");
            take(there, witnesses);
        } else {
            findings.problem(
                    name + " is newer in the store than in the catalogue, which must be an older copy: stop all"
                            + " managers and rebuild it");
        }
    }

    private void putBack(Instance instance, String what) {
        findings.problem(what + (findings.mend() ? ": it is put back" : ""));
        if (findings.mend()) {
            revisions.storeAgain(instance.id());
        }
    }

    /** The key files, which follow the record, and whatever else is there. */
    private void files(Instance instance, StoredInstance stored) {
        Recorded here = records.recorded(instance.id());
        boolean pending = here.instance().revision() != here.instance().storedRevision();
        if (instance.storedRevision() > 0 && !pending) {
            records.differingFiles(here).forEach(each -> putBack(instance, each + " is not as the catalogue has it"));
        }
        Set<Integer> known = lives.all(instance.folder()).stream()
                .flatMap(each -> versions.list(each.id()).stream())
                .map(KeyVersion::version)
                .collect(Collectors.toSet());
        stored.keyVersions().stream()
                .filter(each -> !known.contains(each))
                .forEach(each -> findings.problem("key version " + each + " of instance " + instance.instanceId()
                        + " is in the store, and nothing signed knows it: it is not used"));
        if (!findings.mend()) {
            if (pending && findings.alone()) {
                findings.differ("the record of instance " + instance.instanceId() + " is not in the store yet");
            }
            return;
        }
        try {
            records.store(instance.id());
        } catch (StoreException e) {
            if (e.kind() != StoreException.Kind.REFUSED) {
                throw e;
            }
            findings.problem("instance " + instance.instanceId() + ": " + e.getMessage());
        }
    }
}
