package io.holdfast.manager.deletion;

import io.holdfast.manager.agents.AgentIdentity;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.backup.Upload;
import io.holdfast.manager.backup.Uploads;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.Store.OpenUpload;
import io.holdfast.manager.store.Store.StoredObject;
import io.holdfast.manager.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
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
    private final Uploads uploads;
    private final Deletion deletion;
    private final Store store;
    private final Duration minAge;
    private final AtomicLong removedUploads = new AtomicLong();
    private final AtomicLong removedObjects = new AtomicLong();

    public GarbageCollection(
            Instances instances,
            Backups backups,
            Deletions deletions,
            Uploads uploads,
            Deletion deletion,
            Store store,
            Duration minAge) {
        this.instances = instances;
        this.backups = backups;
        this.deletions = deletions.table;
        this.uploads = uploads;
        this.deletion = deletion;
        this.store = store;
        this.minAge = minAge;
    }

    /** Removes what ended attempts and interrupted deletions left. Cheap when there is nothing. */
    public void knownGarbage() {
        for (Upload upload : uploads.abandoned()) {
            abort(upload);
        }
        for (long failed : deletions.failedWithGarbage()) {
            Backup backup = backups.get(failed);
            String folder = StoreLayout.backup(instances.get(backup.instance()).folder(), backup.backupId());
            for (StoredObject object : store.list(folder)) {
                store.delete(object.key());
            }
            deletions.markClean(backup.id());
        }
        deletions.deleting().forEach(marked -> deletion.remove(backups.get(marked)));
    }

    /** Aborting may have to be repeated while a part is still on its way: it ends when the store agrees. */
    private void abort(Upload upload) {
        try {
            store.abortUpload(upload.objectKey(), upload.uploadId());
            if (!isOpen(upload)) {
                uploads.markAborted(upload.id());
            }
        } catch (StoreException e) {
            // The next round tries again; one upload that does not go must not keep the others.
            log.warn("could not abort an upload of {}: {}", upload.objectKey(), e.getMessage());
        }
    }

    private boolean isOpen(Upload upload) {
        String folder = upload.objectKey().substring(0, upload.objectKey().lastIndexOf('/') + 1);
        return store.openUploads(folder).stream()
                .anyMatch(open -> open.uploadId().equals(upload.uploadId()));
    }

    /** Removes open uploads in the whole store that are old and that nobody needs: those of lost databases or answers. */
    public void unknownUploads() {
        Instant limit = store.clock().minus(minAge);
        for (OpenUpload open : store.openUploads(StoreLayout.instances())) {
            if (!open.initiated().isAfter(limit) && !uploads.isNeeded(open.uploadId())) {
                try {
                    store.abortUpload(open.key(), open.uploadId());
                    log.warn("garbage collection: aborted an upload of {}, begun at {}", open.key(), open.initiated());
                    removedUploads.incrementAndGet();
                } catch (StoreException e) {
                    log.warn("garbage collection: could not abort an upload of {}: {}", open.key(), e.getMessage());
                }
            }
        }
    }

    /**
     * Removes objects in folders of backups that have no manifest and that the catalogue does not know, or knows as over:
     * those of lost databases, and what a store had not listed the time before. Only when all of a folder is old.
     */
    public void unknownObjects() {
        Instant limit = store.clock().minus(minAge);
        for (String instanceId : store.folders(StoreLayout.instances())) {
            if (AgentIdentity.isInstanceId(instanceId)) {
                String folder = StoreLayout.backups(instanceId);
                store.list(folder).stream()
                        .collect(Collectors.groupingBy(object -> backupId(folder, object)))
                        .forEach((backupId, objects) -> {
                            if (isGarbage(StoreLayout.manifest(instanceId, backupId), backupId, objects, limit)) {
                                removeAll(objects);
                            }
                        });
            }
        }
    }

    private static String backupId(String folder, StoredObject object) {
        String below = object.key().substring(folder.length());
        return below.substring(0, Math.max(0, below.indexOf('/')));
    }

    private boolean isGarbage(String manifest, String backupId, List<StoredObject> objects, Instant limit) {
        boolean old = objects.stream().allMatch(each -> each.lastModified().isBefore(limit));
        boolean over = deletions
                .stateOf(backupId)
                .map(state -> state == BackupState.FAILED || state == BackupState.DELETED)
                .orElse(true);
        // A listing may lack an object that is there: the manifest is asked for by its name.
        return !backupId.isEmpty() && old && over && store.head(manifest).isEmpty();
    }

    private void removeAll(List<StoredObject> objects) {
        for (StoredObject object : objects) {
            store.delete(object.key());
            log.warn("garbage collection: deleted the object {} of {}", object.key(), object.lastModified());
            removedObjects.incrementAndGet();
        }
    }

    /** How many objects of no backup were removed since the start. */
    public long removedObjects() {
        return removedObjects.get();
    }

    /** How many open uploads that no job explained were removed since the start. */
    public long removedUploads() {
        return removedUploads.get();
    }
}
