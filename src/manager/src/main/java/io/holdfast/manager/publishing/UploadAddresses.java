package io.holdfast.manager.publishing;

import io.holdfast.format.age.AgeException;
import io.holdfast.format.age.WrappedFileKey;
import io.holdfast.format.segment.Fingerprint;
import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentName;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.crash.CrashPoint;
import io.holdfast.manager.crash.CrashPoints;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.jobs.Fenced;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.Store.SignedRequest;
import io.holdfast.protocol.Address;
import io.holdfast.protocol.SegmentUploads;
import io.holdfast.protocol.SegmentUploads.Segment;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/** Gives agents addresses in the store to which they upload: for single segments of their own attempt. */
public final class UploadAddresses {
    /** How long an address is good. */
    public static final Duration VALID = Duration.ofMinutes(15);

    private static final Pattern MD5 = Pattern.compile("[A-Za-z0-9+/]{22}==");

    private final Backups backups;
    private final AttemptSegmentTable segments;
    private final Store store;
    private final CrashPoints crashPoints;

    public UploadAddresses(Backups backups, AttemptSegments segments, Store store, CrashPoints crashPoints) {
        this.backups = backups;
        this.segments = segments.table;
        this.store = store;
        this.crashPoints = crashPoints;
    }

    /**
     * Allows an attempt that was just seen to be live to store segments.
     *
     * @return an address for each, in the same order
     * @throws Fenced when it is not live any more
     * @throws OutOfBounds when no backup has such a segment
     */
    public List<Address> allow(Instance instance, long job, SegmentUploads asked) {
        OutOfBounds.require(!asked.segments().isEmpty() && asked.segments().size() <= SegmentUploads.MOST, "segments");
        OutOfBounds.require(asked.epoch() <= SegmentName.MOST_ATTEMPTS, "epoch");
        asked.segments().forEach(UploadAddresses::require);
        if (!segments.add(instance.id(), job, asked)) {
            throw new Fenced();
        }
        crashPoints.reached(CrashPoint.UPLOADS_ALLOWED);
        String backupId = backups.ofJob(job).backupId();
        return asked.segments().stream()
                .map(each -> address(
                        instance, new SegmentName(backupId, asked.epoch(), each.number()), each.bytes(), each.md5()))
                .toList();
    }

    private Address address(Instance instance, SegmentName segment, int bytes, String md5) {
        SignedRequest signed = store.signPut(StoreLayout.segment(instance.folder(), segment), bytes, md5, VALID);
        return new Address(signed.uri().toString(), signed.headers());
    }

    static boolean isPosition(long position) {
        return position >= 0 && position <= SegmentName.HIGHEST;
    }

    private static void require(Segment segment) {
        OutOfBounds.require(segment.number() >= 0 && segment.number() <= SegmentName.HIGHEST, "number");
        OutOfBounds.require(isPosition(segment.position()), "position");
        OutOfBounds.require(segment.md5() != null && MD5.matcher(segment.md5()).matches(), "md5");
        try {
            new SegmentLine(
                    segment.artifact(),
                    new Fingerprint(segment.fingerprint()),
                    segment.bytes(),
                    segment.sha256(),
                    WrappedFileKey.parse(segment.share(), segment.body()),
                    new SegmentName("any", 1, 0));
        } catch (IllegalArgumentException | NullPointerException | AgeException e) {
            throw OutOfBounds.segment(String.valueOf(e.getMessage()));
        }
    }
}
