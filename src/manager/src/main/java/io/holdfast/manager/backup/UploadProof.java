package io.holdfast.manager.backup;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.manager.jobs.Job;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.Store.Part;
import io.holdfast.manager.store.StoreException;
import io.holdfast.protocol.BackupResult;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * Joins the parts of what an attempt has sent, and proves that the store has it: as many parts, of the sizes and hashes that
 * were allowed, and the first and the last of each object read back. Some objects at once: a backup of many small ones would
 * wait for the store most of the time.
 */
final class UploadProof {
    private static final int MOST_AT_ONCE = 4;

    private final UploadTable uploads;
    private final Store store;
    private final AtOnce atOnce;

    UploadProof(Uploads uploads, Store store, Executor helpers) {
        this.uploads = uploads.table;
        this.store = store;
        this.atOnce = new AtOnce(helpers, MOST_AT_ONCE);
    }

    /** What is stored is not what was sent. */
    static final class Mismatch extends Exception {
        Mismatch(String message) {
            super(message);
        }
    }

    /**
     * Joins all parts of an attempt and proves them. Repeatable.
     *
     * @throws Mismatch when the store has something else
     * @throws StoreException when it cannot be used now
     */
    void prove(Job job, BackupResult result) throws Mismatch {
        // A manager that stood still could join them yet, over what this attempt has sent.
        for (Upload left : uploads.leftBefore(job.id(), job.epoch())) {
            store.abortUpload(left.objectKey(), left.uploadId());
        }
        List<Upload> begun = uploads.ofAttempt(job.id(), job.epoch());
        List<Sent> all = new ArrayList<>();
        for (BackupResult.Artifact artifact : result.artifacts()) {
            for (int number = 0; number < artifact.segments().size(); number++) {
                int segment = number;
                Upload upload = begun.stream()
                        .filter(each -> each.artifact().equals(artifact.name()) && each.segment() == segment)
                        .findFirst()
                        .orElseThrow(() -> new Mismatch(
                                Manifest.objectName(artifact.name(), segment) + " was reported but never uploaded"));
                all.add(new Sent(upload, artifact.segments().get(segment)));
            }
        }
        try {
            atOnce.forEach(all, each -> prove(each.upload(), each.reported()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException(StoreException.Kind.PASSING, "the manager stops", e);
        }
    }

    /** A segment as it was begun, and as its agent says that it was sent. */
    private record Sent(Upload upload, BackupResult.Segment reported) {}

    private void prove(Upload upload, BackupResult.Segment reported) throws Mismatch {
        String object = upload.objectKey();
        List<SignedPart> signed = uploads.parts(upload.id());
        long total = signed.stream().mapToLong(SignedPart::size).sum();
        if (signed.size() != reported.parts() || total != reported.bytes()) {
            throw new Mismatch(object + " was reported with " + reported.parts() + " parts and " + reported.bytes()
                    + " bytes, but " + signed.size() + " parts and " + total + " bytes were allowed");
        }
        join(upload, signed);
        long stored = store.head(object)
                .orElseThrow(() -> new Mismatch(object + " is not in the store after its upload"))
                .size();
        if (stored != total) {
            throw new Mismatch(object + " has " + stored + " bytes in the store instead of " + total);
        }
        requireSame(object, 0, signed.getFirst());
        if (signed.size() > 1) {
            SignedPart last = signed.getLast();
            requireSame(object, total - last.size(), last);
        }
    }

    private void join(Upload upload, List<SignedPart> signed) throws Mismatch {
        List<Part> parts = openParts(upload);
        if (parts.isEmpty()) {
            // Joined before a crash, or lost: what is in the store now decides.
            return;
        }
        if (parts.size() != signed.size()) {
            throw new Mismatch(
                    upload.objectKey() + " has " + parts.size() + " parts in the store instead of " + signed.size());
        }
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            SignedPart expected = signed.get(i);
            if (part.number() != expected.number() || part.size() != expected.size() || !etagFits(part, expected)) {
                throw new Mismatch("part " + expected.number() + " of " + upload.objectKey()
                        + " in the store differs from what was sent");
            }
        }
        try {
            store.completeUpload(upload.objectKey(), upload.uploadId(), parts);
        } catch (StoreException e) {
            if (e.kind() != StoreException.Kind.UPLOAD_GONE) {
                throw e;
            }
            // Another manager may have joined them: what is in the store now decides.
        }
    }

    /** The parts of an upload; none when it is not open any more, which stores tell in two ways. */
    private List<Part> openParts(Upload upload) {
        try {
            return store.parts(upload.objectKey(), upload.uploadId());
        } catch (StoreException e) {
            if (e.kind() == StoreException.Kind.UPLOAD_GONE) {
                return List.of();
            }
            throw e;
        }
    }

    /** Most stores' ETag of a part is its MD5. One of another form says nothing. */
    private static boolean etagFits(Part part, SignedPart expected) {
        String etag = part.etag().replace("\"", "");
        return !etag.matches("[0-9a-f]{32}")
                || Arrays.equals(
                        HexFormat.of().parseHex(etag), Base64.getDecoder().decode(expected.md5()));
    }

    private void requireSame(String object, long offset, SignedPart part) throws Mismatch {
        try (InputStream in = store.read(object, offset, part.size())) {
            MessageDigest md5 = MessageDigest.getInstance("MD5");
            byte[] buffer = new byte[64 * 1024];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                md5.update(buffer, 0, read);
            }
            if (!Arrays.equals(md5.digest(), Base64.getDecoder().decode(part.md5()))) {
                throw new Mismatch(
                        "part " + part.number() + " of " + object + " has different content when it is read again");
            }
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new StoreException(StoreException.Kind.PASSING, object + " could not be read again", e);
        }
    }
}
