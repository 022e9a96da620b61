package io.holdfast.manager.restore;

import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.backup.OutOfBounds;
import io.holdfast.manager.backup.SegmentUploads;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.Store.SignedRequest;
import io.holdfast.protocol.SegmentDownload;

/** Gives agents addresses in the store from which they read the backup that they restore. */
public final class SegmentReads {
    private final Backups backups;
    private final RestoreTable restores;
    private final Store store;

    public SegmentReads(Backups backups, Restores restores, Store store) {
        this.backups = backups;
        this.restores = restores.table;
        this.store = store;
    }

    /**
     * Allows to read one segment of the backup that an attempt restores which was just seen to be live.
     *
     * @throws OutOfBounds when no backup has such a segment
     */
    public SegmentDownload.Address allowRead(Instance instance, long job, SegmentDownload download) {
        OutOfBounds.requireSegment(download.artifact(), download.segment());
        Backup backup = backups.get(restores.ofJob(job).backup());
        SignedRequest signed = store.signRead(
                StoreLayout.segment(instance.folder(), backup.backupId(), download.artifact(), download.segment()),
                SegmentUploads.VALID);
        return new SegmentDownload.Address(signed.uri().toString(), signed.headers());
    }
}
