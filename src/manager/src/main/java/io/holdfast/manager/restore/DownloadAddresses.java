package io.holdfast.manager.restore;

import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentList;
import io.holdfast.format.segment.SegmentName;
import io.holdfast.format.segment.SegmentSecret;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.backup.Replacement;
import io.holdfast.manager.crash.CrashPoint;
import io.holdfast.manager.crash.CrashPoints;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.jobs.AttemptFailure;
import io.holdfast.manager.jobs.Fenced;
import io.holdfast.manager.jobs.JobKind;
import io.holdfast.manager.jobs.JobQueue;
import io.holdfast.manager.keys.HeldIdentities;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.publishing.OutOfBounds;
import io.holdfast.manager.publishing.UploadAddresses;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.Store.SignedRequest;
import io.holdfast.manager.verification.OpenedList;
import io.holdfast.manager.verification.RecentLists;
import io.holdfast.manager.verification.StoredBackups;
import io.holdfast.manager.verification.UnreadableBackup;
import io.holdfast.protocol.Address;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.SegmentDownloads;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Gives agents addresses in the store from which they read the backup that they restore, and what opens what is there: of the
 * segments that they ask for, and of no others. An attempt that cannot have it ends with the reason. May be used by any thread.
 */
public final class DownloadAddresses {
    private final Backups backups;
    private final RestoreTable restores;
    private final JobQueue queue;
    private final HeldIdentities held;
    private final StoredBackups stored;
    private final RecentLists lists;
    private final Store store;
    private final CrashPoints crashPoints;

    public DownloadAddresses(
            Backups backups,
            Restores restores,
            JobQueue queue,
            HeldIdentities held,
            StoredBackups stored,
            RecentLists lists,
            Store store,
            CrashPoints crashPoints) {
        this.backups = backups;
        this.restores = restores.table;
        this.queue = queue;
        this.held = held;
        this.stored = stored;
        this.lists = lists;
        this.store = store;
        this.crashPoints = crashPoints;
    }

    /**
     * Allows a live attempt to read some segments.
     *
     * @throws Fenced when the attempt is not live, or has ended now because it cannot have them
     * @throws OutOfBounds when no backup has such segments
     */
    public SegmentDownloads.Answer allow(Instance instance, long job, SegmentDownloads asked) {
        OutOfBounds.require(asked.first() >= 0, "first");
        OutOfBounds.require(asked.count() >= 1 && asked.count() <= SegmentDownloads.MOST, "count");
        if (!queue.isLive(job, instance, asked.epoch(), JobKind.RESTORE)) {
            throw new Fenced();
        }
        Restore restore = restores.ofJob(job);
        Backup backup = backups.get(restore.backup());
        Optional<byte[]> sealed = restores.sealed(restore.id());
        X25519Identity byPassphrase = sealed.map(held::open).orElse(null);
        if (sealed.isPresent() && byPassphrase == null) {
            throw ended(
                    instance,
                    job,
                    asked.epoch(),
                    new AttemptFailure(
                            FailureCode.KEY_LOST,
                            "the passphrase that the restore was begun with was only in memory, and that is gone: the"
                                    + " manager was started again",
                            "live data is untouched; begin the restore again with the passphrase"));
        }
        try {
            SegmentDownloads.Answer answer = answer(instance, backup, byPassphrase, asked);
            crashPoints.reached(CrashPoint.DOWNLOADS_ALLOWED);
            return answer;
        } catch (UnreadableBackup e) {
            throw ended(
                    instance,
                    job,
                    asked.epoch(),
                    new AttemptFailure(
                            e.code(),
                            "backup " + backup.backupId() + ": " + e.getMessage(),
                            "live data is untouched; restore a different backup, and look at the store"));
        }
    }

    private SegmentDownloads.Answer answer(
            Instance instance, Backup backup, @Nullable X25519Identity byPassphrase, SegmentDownloads asked)
            throws UnreadableBackup {
        Manifest manifest = stored.manifest(instance, backup);
        X25519Identity identity = byPassphrase == null ? stored.identity(instance, manifest) : byPassphrase;
        List<SegmentDownloads.Segment> segments = new ArrayList<>();
        Map<SegmentName, Replacement> replaced = backups.replacements().of(instance.folder());
        for (String line : lists.lines(manifest, asked.first(), asked.count())) {
            segments.add(segment(instance, manifest, identity, line, replaced));
        }
        SegmentSecret secret = stored.segmentSecret(instance, manifest);
        return new SegmentDownloads.Answer(secret == null ? null : base64(secret.bytes()), segments);
    }

    private SegmentDownloads.Segment segment(
            Instance instance,
            Manifest manifest,
            X25519Identity identity,
            String text,
            Map<SegmentName, Replacement> replaced)
            throws UnreadableBackup {
        SegmentLine listed = OpenedList.parse(text);
        SegmentLine line = Replacement.in(listed, replaced);
        SignedRequest signed =
                store.signRead(StoreLayout.segment(instance.folder(), line.name()), UploadAddresses.VALID);
        return new SegmentDownloads.Segment(
                line.equals(listed) ? text : SegmentList.text(line),
                base64(StoredBackups.key(identity, manifest, line).bytes()),
                new Address(signed.uri().toString(), signed.headers()));
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private Fenced ended(Instance instance, long job, int epoch, AttemptFailure reason) {
        queue.refuse(job, instance, epoch, reason);
        return new Fenced();
    }
}
