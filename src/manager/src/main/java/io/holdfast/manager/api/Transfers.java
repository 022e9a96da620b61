package io.holdfast.manager.api;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.manager.crash.CrashPoint;
import io.holdfast.manager.crash.CrashPoints;
import io.holdfast.manager.database.Backups;
import io.holdfast.manager.database.Backups.Backup;
import io.holdfast.manager.database.Database;
import io.holdfast.manager.database.Instances.Instance;
import io.holdfast.manager.database.Restores;
import io.holdfast.manager.database.Uploads;
import io.holdfast.manager.database.Uploads.Upload;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.jobs.Fenced;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.Store.SignedRequest;
import io.holdfast.protocol.PartUpload;
import io.holdfast.protocol.SegmentDownload;
import java.time.Duration;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.regex.Pattern;

/** Gives agents addresses in the store: for single parts of their own attempt, and for the backup that they restore. */
public final class Transfers {
    private static final Duration VALID = Duration.ofMinutes(15);
    private static final Pattern ARTIFACT = Pattern.compile("[a-z0-9][a-z0-9_-]{0,62}");
    private static final Pattern MD5 = Pattern.compile("[A-Za-z0-9+/]{22}==");

    private final Backups backups;
    private final Restores restores;
    private final Uploads uploads;
    private final Store store;
    private final IntSupplier maxParts;
    private final CrashPoints crashPoints;

    /**
     * Makes it.
     *
     * @param maxParts how many parts the store allows in one object
     */
    public Transfers(Database database, Store store, IntSupplier maxParts, CrashPoints crashPoints) {
        this.backups = new Backups(database);
        this.restores = new Restores(database);
        this.uploads = new Uploads(database);
        this.store = store;
        this.maxParts = maxParts;
        this.crashPoints = crashPoints;
    }

    /** The most bytes of a segment that fit into the parts that the store allows. */
    long maxSegmentBytes(long configured) {
        return Math.min(configured, (long) maxParts.getAsInt() * PartUpload.PART_BYTES);
    }

    /** Allows one part of an attempt that was just seen to be live. */
    public PartUpload.Address allowPart(Instance instance, long job, PartUpload part) {
        check(part);
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

    private void check(PartUpload part) {
        require(ARTIFACT.matcher(part.artifact()).matches(), "artifact");
        require(part.segment() >= 0 && part.segment() < Manifest.MOST_SEGMENTS, "segment");
        require(part.part() >= 1 && part.part() <= maxParts.getAsInt(), "part");
        require(part.size() >= 1 && part.size() <= PartUpload.PART_BYTES, "size");
        require(MD5.matcher(part.md5()).matches(), "md5");
    }

    private static void require(boolean good, String field) {
        if (!good) {
            throw new HttpError(ErrorCode.BAD_REQUEST, "field '" + field + "' is out of its bounds");
        }
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

    /** Allows to read one segment of the backup that a live attempt restores. */
    public SegmentDownload.Address allowRead(Instance instance, long job, SegmentDownload download) {
        require(ARTIFACT.matcher(download.artifact()).matches(), "artifact");
        require(download.segment() >= 0 && download.segment() < Manifest.MOST_SEGMENTS, "segment");
        Backup backup = backups.get(restores.ofJob(job).backup());
        SignedRequest signed = store.signRead(
                StoreLayout.segment(instance.folder(), backup.backupId(), download.artifact(), download.segment()),
                VALID);
        return new SegmentDownload.Address(signed.uri().toString(), signed.headers());
    }
}
