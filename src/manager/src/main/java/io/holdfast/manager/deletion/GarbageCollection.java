package io.holdfast.manager.deletion;

import io.holdfast.format.segment.SegmentName;
import io.holdfast.manager.agents.AgentIdentity;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.publishing.AttemptSegments;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.Store.StoredObject;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes what failed attempts left in the store. What the database explains is removed at once; what it cannot explain
 * only when it is old, and when two looks that are far apart have found the same. Nothing that a manifest uses is ever
 * touched, whoever has brought it, see {@link SegmentUses}.
 */
public final class GarbageCollection {
    private static final Logger log = LoggerFactory.getLogger(GarbageCollection.class);

    private final Instances instances;
    private final Backups backups;
    private final DeletionTable deletions;
    private final GarbageTable garbage;
    private final AttemptSegments segments;
    private final Deletion deletion;
    private final SegmentUses uses;
    private final Store store;
    private final Patience patience;
    private final AtomicLong removedObjects = new AtomicLong();

    /**
     * How long is waited before what nothing explains is removed.
     *
     * @param minAge how old it has to be, by the store's clock
     * @param betweenLooks how far apart the two looks have to be that find the same, by the database's clock
     */
    public record Patience(Duration minAge, Duration betweenLooks) {
        private static final Duration BETWEEN_LOOKS = Duration.ofDays(1);

        /** With a day between the looks. */
        public static Patience of(Duration minAge) {
            return new Patience(minAge, BETWEEN_LOOKS);
        }
    }

    public GarbageCollection(
            Instances instances,
            Backups backups,
            Deletions deletions,
            AttemptSegments segments,
            Deletion deletion,
            SegmentUses uses,
            Store store,
            Patience patience) {
        this.instances = instances;
        this.backups = backups;
        this.deletions = deletions.table;
        this.garbage = deletions.garbage;
        this.segments = segments;
        this.deletion = deletion;
        this.uses = uses;
        this.store = store;
        this.patience = patience;
    }

    /** Removes what ended attempts and interrupted deletions left. Cheap when there is nothing. */
    public void knownGarbage() {
        while (segments.forgetEnded()) {
            // Some at a time, so that nobody waits long for the database.
        }
        for (long ended : deletions.withGarbage()) {
            Backup backup = backups.get(ended);
            try {
                removeGarbage(instances.get(backup.instance()).folder(), backup);
            } catch (SegmentsInDoubt e) {
                // From here on it is as what nothing explains.
                log.warn("what attempts at backup {} left is not removed now: {}", backup.backupId(), e.getMessage());
            }
            deletions.markClean(backup.id());
        }
        deletion.removeMarked();
    }

    private void removeGarbage(String folder, Backup backup) throws SegmentsInDoubt {
        boolean failed = backup.state() == BackupState.FAILED;
        // With a manifest it is none that has failed: the catalogue is older than the store, and a comparison adopts
        // it.
        if (!failed
                || store.head(StoreLayout.manifest(folder, backup.backupId())).isEmpty()) {
            new Folder(folder, backup.backupId(), failed, uses.read(folder, null))
                    .each(each -> store.delete(each.key()));
        }
    }

    /**
     * Removes objects that no manifest uses, in folders of backups that the catalogue does not know, or knows as finished or
     * over: those of lost databases, and what a store had not listed the time before. Only when all that seems to be garbage in
     * a folder is old, and was the same some time ago.
     */
    public void unknownObjects() {
        Instant limit = store.clock().minus(patience.minAge());
        for (String instanceId : store.folders(StoreLayout.instances())) {
            if (AgentIdentity.isInstanceId(instanceId)) {
                try {
                    unknownObjects(instanceId, limit);
                } catch (SegmentsInDoubt e) {
                    log.warn("no garbage of instance {} is removed: {}", instanceId, e.getMessage());
                }
            }
        }
    }

    private void unknownObjects(String instanceId, Instant limit) throws SegmentsInDoubt {
        SegmentUse use = uses.read(instanceId, null);
        if (!use.unlisted().isEmpty()) {
            log.warn(
                    "no garbage of instance {} is removed: the store shows nothing of its backup {}",
                    instanceId,
                    use.unlisted().first());
            return;
        }
        // What nobody uses need not be replaced.
        backups.replacements().of(instanceId).keySet().stream()
                .filter(each -> !use.isUsed(each))
                .forEach(each -> backups.replacements().remove(instanceId, each));
        Set<String> seen = new HashSet<>();
        for (String backupId : use.folders()) {
            Optional<Folder> folder = folder(instanceId, backupId, use);
            if (folder.isPresent() && look(folder.get(), limit)) {
                seen.add(backupId);
            }
        }
        garbage.forgetOthers(instanceId, seen);
    }

    /** Where to look for garbage; empty where there may be some that is none. */
    private Optional<Folder> folder(String instanceId, String backupId, SegmentUse use) {
        Optional<BackupState> known = backups.findByName(backupId).map(Backup::state);
        boolean over = known.map(state -> state == BackupState.FAILED || state == BackupState.DELETED)
                .orElse(true);
        if (over) {
            // A listing may lack an object that is there: the manifest is asked for by its name.
            return store.head(StoreLayout.manifest(instanceId, backupId)).isPresent()
                    ? Optional.empty()
                    : Optional.of(new Folder(instanceId, backupId, true, use));
        }
        // One that was finished since the manifests were read is not counted.
        return known.filter(BackupState::isListed).isPresent() && use.counts(backupId)
                ? Optional.of(new Folder(instanceId, backupId, false, use))
                : Optional.empty();
    }

    /** Removes what seems to be garbage if it is time. Whether something seemed to be. */
    private boolean look(Folder folder, Instant limit) {
        GarbageLook found = new GarbageLook(folder.use().fromStore());
        folder.each(found::add);
        if (found.isEmpty()) {
            return false;
        }
        boolean same = garbage.look(folder.folder(), folder.backupId(), found.digest(), patience.betweenLooks());
        if (same && found.newest().isBefore(limit)) {
            folder.each(each -> remove(each, limit));
        }
        return true;
    }

    private void remove(StoredObject object, Instant limit) {
        if (object.lastModified().isBefore(limit)) {
            store.delete(object.key());
            log.warn("garbage collection: deleted the object {} of {}", object.key(), object.lastModified());
            removedObjects.incrementAndGet();
        }
    }

    /** What the store has for one backup. */
    private final class Folder {
        private final String folder;
        private final String backupId;
        private final boolean everything;
        private final SegmentUse use;

        /**
         * Makes it.
         *
         * @param everything whether all that is not used is garbage; else only segments are
         */
        Folder(String folder, String backupId, boolean everything, SegmentUse use) {
            this.folder = folder;
            this.backupId = backupId;
            this.everything = everything;
            this.use = use;
        }

        String folder() {
            return folder;
        }

        String backupId() {
            return backupId;
        }

        SegmentUse use() {
            return use;
        }

        /** Gives what seems to be garbage, in the order of the names. */
        void each(Consumer<StoredObject> seems) {
            if (everything) {
                store.list(StoreLayout.backup(folder, backupId), seems);
            }
            int start = StoreLayout.folder(folder).length();
            store.list(StoreLayout.segments(folder, backupId), each -> {
                String path = each.key().substring(start);
                if (!use.isUsed(path) && (everything || SegmentName.find(path).isPresent())) {
                    seems.accept(each);
                }
            });
        }
    }

    /** How many objects of no backup were removed since the start. */
    public long removedObjects() {
        return removedObjects.get();
    }
}
