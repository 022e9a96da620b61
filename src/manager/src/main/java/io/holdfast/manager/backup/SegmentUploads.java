package io.holdfast.manager.backup;

import io.holdfast.manager.crash.CrashPoint;
import io.holdfast.manager.crash.CrashPoints;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.jobs.Fenced;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.Store.SignedRequest;
import io.holdfast.protocol.PartUpload;
import java.time.Duration;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.regex.Pattern;

/** Gives agents addresses in the store to which they upload: for single parts of their own attempt. */
public final class SegmentUploads {
    /** How long an address is good. */
    public static final Duration VALID = Duration.ofMinutes(15);

    private static final Pattern MD5 = Pattern.compile("[A-Za-z0-9+/]{22}==");

    private final BackupTable backups;
    private final UploadTable uploads;
    private final Store store;
    private final IntSupplier maxParts;
    private final CrashPoints crashPoints;

    /**
     * Makes it.
     *
     * @param maxParts how many parts the store allows in one object
     */
    public SegmentUploads(
            Backups backups, Uploads uploads, Store store, IntSupplier maxParts, CrashPoints crashPoints) {
        this.backups = backups.table;
        this.uploads = uploads.table;
        this.store = store;
        this.maxParts = maxParts;
        this.crashPoints = crashPoints;
    }

    /** The most bytes of a segment that fit into the parts that the store allows. */
    public long maxSegmentBytes(long configured) {
        return Math.min(configured, (long) maxParts.getAsInt() * PartUpload.PART_BYTES);
    }

    /**
     * Allows one part of an attempt that was just seen to be live.
     *
     * @throws Fenced when it is not any more
     * @throws OutOfBounds when no backup has such a part
     */
    public PartUpload.Address allowPart(Instance instance, long job, PartUpload part) {
        OutOfBounds.requireSegment(part.artifact(), part.segment());
        OutOfBounds.require(part.part() >= 1 && part.part() <= maxParts.getAsInt(), "part");
        OutOfBounds.require(part.size() >= 1 && part.size() <= PartUpload.PART_BYTES, "size");
        OutOfBounds.require(MD5.matcher(part.md5()).matches(), "md5");
        Upload upload = uploads.find(job, part.epoch(), part.artifact(), part.segment())
                .orElseGet(() -> begin(instance, job, part));
        if (!uploads.allow(instance.id(), upload, part)) {
            throw new Fenced();
        }
        crashPoints.reached(CrashPoint.PART_ALLOWED);
        SignedRequest signed =
                store.signPart(upload.objectKey(), upload.uploadId(), part.part(), part.size(), part.md5(), VALID);
        return new PartUpload.Address(signed.uri().toString(), signed.headers());
    }

    private Upload begin(Instance instance, long job, PartUpload part) {
        String object =
                StoreLayout.segment(instance.folder(), backups.ofJob(job).backupId(), part.artifact(), part.segment());
        String uploadId = store.createUpload(object);
        crashPoints.reached(CrashPoint.UPLOAD_CREATED_NOT_NOTED);
        Optional<Upload> counts =
                uploads.add(instance.id(), job, part.epoch(), part.artifact(), part.segment(), object, uploadId);
        if (counts.isEmpty() || !counts.get().uploadId().equals(uploadId)) {
            // Fenced, or another call for the same segment was first.
            store.abortUpload(object, uploadId);
        }
        return counts.orElseThrow(Fenced::new);
    }
}
