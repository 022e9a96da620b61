package io.holdfast.manager.simulation;

import io.holdfast.format.age.AgeException;
import io.holdfast.format.age.X25519Recipient;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.segment.Fingerprint;
import io.holdfast.format.segment.Fingerprints;
import io.holdfast.format.segment.SealedSegment;
import io.holdfast.format.segment.SegmentSealer;
import io.holdfast.format.segment.SegmentSecret;
import io.holdfast.format.segment.SegmentSizes;
import io.holdfast.protocol.Assignment;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.BorrowedSegments;
import io.holdfast.protocol.SegmentUploads;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** What an attempt dumped: real segments, but small ones. */
record Dump(List<Artifact> artifacts) {
    private static final SegmentSizes SIZES = new SegmentSizes(SegmentSizes.SMALLEST_MEAN);
    private static final SealedSegment ROOM = new SealedSegment(SIZES);

    /**
     * One stream of the dump.
     *
     * @param plaintext what a restore has to give again
     * @param segments those that have to be brought
     */
    record Artifact(
            String name, ByteBuffer plaintext, List<Segment> segments, List<BorrowedSegments.Segment> borrowed) {
        int count() {
            return segments.size() + borrowed.size();
        }
    }

    /** A segment's object, and what the manager is told of it. */
    record Segment(ByteBuffer object, SegmentUploads.Segment told) {
        @SuppressWarnings("ByteBufferBackingArray") // it wraps the whole of an array
        byte[] bytes() {
            return object.array();
        }
    }

    /**
     * One of new content, and of some that was dumped before.
     *
     * @param before the content of segments that were dumped before; takes the new ones
     * @param lent the lines of the lender, by the first bytes of their fingerprints
     */
    static Dump draw(Chance chance, Assignment.Backup order, List<ByteBuffer> before, Map<Long, Long> lent) {
        List<X25519Recipient> to =
                order.recipients().stream().map(Dump::recipient).toList();
        Fingerprints fingerprints =
                new Fingerprints(SegmentSecret.of(Base64.getDecoder().decode(order.segmentSecret())));
        List<Artifact> artifacts = new ArrayList<>();
        int number = 0;
        try (SegmentSealer sealer = new SegmentSealer(to, 1, chance.secure())) {
            for (String name : chance.perMille(300) ? List.of("globals", "app") : List.of("app")) {
                ByteArrayOutputStream plaintext = new ByteArrayOutputStream();
                List<Segment> segments = new ArrayList<>();
                List<BorrowedSegments.Segment> borrowed = new ArrayList<>();
                int count = chance.between(1, 3);
                for (int position = 0; position < count; position++) {
                    byte[] content = content(chance, before);
                    plaintext.writeBytes(content);
                    Fingerprint fingerprint = fingerprints.of(content, content.length);
                    Long line = lent.get(fingerprint.prefix());
                    if (line == null) {
                        segments.add(segment(sealer, content, number, name, position, fingerprint));
                        number++;
                    } else {
                        borrowed.add(new BorrowedSegments.Segment(name, position, line, fingerprint.hex()));
                    }
                }
                artifacts.add(new Artifact(name, ByteBuffer.wrap(plaintext.toByteArray()), segments, borrowed));
            }
        }
        return new Dump(artifacts);
    }

    @SuppressWarnings("ByteBufferBackingArray") // each wraps the whole of an array
    private static byte[] content(Chance chance, List<ByteBuffer> before) {
        if (!before.isEmpty() && chance.perMille(600)) {
            return chance.oneOf(before).array();
        }
        byte[] made = chance.bytes(chance.between(50, 900));
        before.add(ByteBuffer.wrap(made));
        return made;
    }

    private static X25519Recipient recipient(String text) {
        try {
            return X25519Recipient.parse(text);
        } catch (AgeException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Segment segment(
            SegmentSealer sealer, byte[] content, int number, String artifact, int position, Fingerprint fingerprint) {
        synchronized (ROOM) {
            sealer.seal(content, content.length, ROOM);
            byte[] object = Arrays.copyOf(ROOM.buffer(), ROOM.bytes());
            return new Segment(
                    ByteBuffer.wrap(object),
                    new SegmentUploads.Segment(
                            number,
                            artifact,
                            position,
                            fingerprint.hex(),
                            object.length,
                            ROOM.sha256(),
                            md5(object),
                            ROOM.key().share(),
                            ROOM.key().body()));
        }
    }

    /** All segments of all artifacts. */
    List<Segment> segments() {
        return artifacts.stream().flatMap(each -> each.segments().stream()).toList();
    }

    /** What the agent says of it. */
    BackupResult result(int epoch) {
        return new BackupResult(
                epoch,
                "18",
                artifacts.stream()
                        .map(each -> new BackupResult.Artifact(
                                each.name(),
                                "database",
                                each.name(),
                                each.plaintext().capacity(),
                                SIZES.mean(),
                                each.count()))
                        .toList(),
                Map.of(),
                List.of());
    }

    /** All that is borrowed. */
    List<BorrowedSegments.Segment> borrowed() {
        return artifacts.stream().flatMap(each -> each.borrowed().stream()).toList();
    }

    /** Whether a manifest says it. */
    boolean isIn(Manifest manifest) {
        return manifest.artifacts().stream()
                .map(each -> each.name() + " " + each.plaintextBytes() + " " + each.segments())
                .toList()
                .equals(artifacts.stream()
                        .map(each -> each.name() + " " + each.plaintext().capacity() + " " + each.count())
                        .toList());
    }

    private static String md5(byte[] bytes) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("MD5").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
