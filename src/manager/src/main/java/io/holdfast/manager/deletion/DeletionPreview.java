package io.holdfast.manager.deletion;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.segment.SegmentLine;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.verification.OpenedList;
import io.holdfast.manager.verification.RecentLists;
import io.holdfast.manager.verification.UnreadableBackup;

/** Says what a deletion would free. May be used by any thread. */
public final class DeletionPreview {
    private static final int PAGE = 1000;

    private final Backups backups;
    private final SegmentUses uses;
    private final RecentLists lists;

    public DeletionPreview(Backups backups, SegmentUses uses, RecentLists lists) {
        this.backups = backups;
        this.uses = uses;
        this.lists = lists;
    }

    /**
     * The size of the objects that a backup uses, and nothing else, in bytes. Reads all manifests of the instance.
     *
     * @param backup one with a manifest
     * @throws SegmentsInDoubt when nobody knows what others use
     * @throws UnreadableBackup when its list is not in the store, or not as it was made
     * @throws io.holdfast.manager.store.StoreException when the store cannot be read now
     */
    public long freedBytes(Instance instance, Backup backup) throws SegmentsInDoubt, UnreadableBackup {
        Manifest manifest = backups.parsedManifest(backup.id()).orElseThrow();
        SegmentUse counted = uses.read(instance.folder(), backup.backupId());
        long bytes = 0;
        for (long first = 0; first < manifest.segments().list().lines(); first += PAGE) {
            for (String text : lists.lines(manifest, first, PAGE)) {
                SegmentLine line = OpenedList.parse(text);
                if (!counted.isUsed(line.name())) {
                    bytes += line.bytes();
                    // It may be listed several times.
                    counted.add(line.name());
                }
            }
        }
        return bytes;
    }
}
