package io.holdfast.manager.deletion;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.manifest.SignedManifest;
import io.holdfast.format.segment.SegmentName;
import io.holdfast.format.signed.SignedFileException;
import io.holdfast.manager.agents.AgentIdentity;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.publishing.AttemptSegments;
import io.holdfast.manager.store.Store;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes what failed attempts left in the store. What the database explains is removed at once; what it cannot explain
 * only when it is old and no live attempt needs it. Nothing that a manifest speaks for is ever touched.
 */
public final class GarbageCollection {
    private static final Logger log = LoggerFactory.getLogger(GarbageCollection.class);

    private final Instances instances;
    private final Backups backups;
    private final DeletionTable deletions;
    private final AttemptSegments segments;
    private final Deletion deletion;
    private final Store store;
    private final Duration minAge;
    private final AtomicLong removedObjects = new AtomicLong();

    public GarbageCollection(
            Instances instances,
            Backups backups,
            Deletions deletions,
            AttemptSegments segments,
            Deletion deletion,
            Store store,
            Duration minAge) {
        this.instances = instances;
        this.backups = backups;
        this.deletions = deletions.table;
        this.segments = segments;
        this.deletion = deletion;
        this.store = store;
        this.minAge = minAge;
    }

    /** Removes what ended attempts and interrupted deletions left. Cheap when there is nothing. */
    public void knownGarbage() {
        while (segments.forgetEnded()) {
            // Some at a time, so that nobody waits long for the database.
        }
        for (long ended : deletions.withGarbage()) {
            Backup backup = backups.get(ended);
            String instance = instances.get(backup.instance()).folder();
            if (backup.state() == BackupState.FAILED) {
                // With a manifest it is none that has failed: the catalogue is older than the store, and a comparison
                // adopts it.
                if (store.head(StoreLayout.manifest(instance, backup.backupId()))
                        .isEmpty()) {
                    StoredFiles.removeAll(store, instance, backup.backupId());
                }
            } else {
                removeUnused(instance, backup, Instant.MAX);
            }
            deletions.markClean(backup.id());
        }
        deletions.deleting().forEach(marked -> deletion.remove(backups.get(marked)));
    }

    /**
     * Removes objects in folders of backups that have no manifest and that the catalogue does not know, or knows as over:
     * those of lost databases, and what a store had not listed the time before. Only when all of a folder is old.
     */
    public void unknownObjects() {
        Instant limit = store.clock().minus(minAge);
        for (String instanceId : store.folders(StoreLayout.instances())) {
            if (AgentIdentity.isInstanceId(instanceId)) {
                Set<String> backupIds = new TreeSet<>(store.folders(StoreLayout.backups(instanceId)));
                backupIds.addAll(store.folders(StoreLayout.segments(instanceId)));
                backupIds.forEach(each -> removeIfGarbage(instanceId, each, limit));
            }
        }
    }

    private void removeIfGarbage(String instanceId, String backupId, Instant limit) {
        Optional<Backup> known = backups.findByName(backupId);
        if (known.filter(each -> each.state().isListed()).isPresent()) {
            removeUnused(instanceId, known.get(), limit);
            return;
        }
        boolean over = known.map(Backup::state)
                .map(state -> state == BackupState.FAILED || state == BackupState.DELETED)
                .orElse(true);
        if (!over) {
            return;
        }
        String lists = StoreLayout.backup(instanceId, backupId);
        String objects = StoreLayout.segments(instanceId, backupId);
        // A listing may lack an object that is there: the manifest is asked for by its name.
        if (isOld(lists, limit)
                && isOld(objects, limit)
                && store.head(StoreLayout.manifest(instanceId, backupId)).isEmpty()) {
            remove(lists);
            remove(objects);
        }
    }

    /** Removes what attempts at a finished backup have brought that it does not use, if it is old. */
    private void removeUnused(String instanceId, Backup backup, Instant limit) {
        Set<Integer> used = attempts(backup);
        if (used.isEmpty()) {
            return;
        }
        store.list(StoreLayout.segments(instanceId, backup.backupId()), each -> {
            int attempt =
                    attempt(each.key().substring(StoreLayout.folder(instanceId).length()));
            if (attempt > 0 && !used.contains(attempt) && each.lastModified().isBefore(limit)) {
                store.delete(each.key());
                removedObjects.incrementAndGet();
            }
        });
    }

    /** The attempts at a finished backup of which it uses something; none when that is not known. */
    private Set<Integer> attempts(Backup backup) {
        Optional<String> manifest = backups.manifest(backup.id());
        if (manifest.isEmpty()) {
            return Set.of();
        }
        try {
            byte[] file = manifest.get().getBytes(StandardCharsets.UTF_8);
            return SignedManifest.parse(file).manifest().segments().brought().stream()
                    .filter(each -> each.backupId().equals(backup.backupId()))
                    .map(Manifest.Brought::attempt)
                    .collect(Collectors.toSet());
        } catch (SignedFileException e) {
            log.error("the catalogue holds a manifest of backup {} that cannot be read", backup.backupId(), e);
            return Set.of();
        }
    }

    /** The attempt that has brought an object; 0 of what is no segment. */
    private static int attempt(String path) {
        try {
            return SegmentName.ofPath(path).attempt();
        } catch (IllegalArgumentException e) {
            return 0;
        }
    }

    private boolean isOld(String folder, Instant limit) {
        boolean[] old = {true};
        store.list(folder, each -> old[0] &= each.lastModified().isBefore(limit));
        return old[0];
    }

    private void remove(String folder) {
        store.list(folder, each -> {
            store.delete(each.key());
            log.warn("garbage collection: deleted the object {} of {}", each.key(), each.lastModified());
            removedObjects.incrementAndGet();
        });
    }

    /** How many objects of no backup were removed since the start. */
    public long removedObjects() {
        return removedObjects.get();
    }
}
