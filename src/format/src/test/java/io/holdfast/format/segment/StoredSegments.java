package io.holdfast.format.segment;

import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.manifest.Manifest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** A backup of one artifact as a store has it: its objects by path, its list, and what opens them. */
final class StoredSegments {
    static final String BACKUP = "20261201T120000Z-0000002a";

    final X25519Identity identity = X25519Identity.generate(new SecureRandom());
    final SegmentSecret secret = SegmentSecret.random(new SecureRandom());
    final Map<String, byte[]> objects = new ConcurrentSkipListMap<>();
    final List<SegmentLine> lines;
    final byte[] listFile;
    final SegmentList list;

    StoredSegments(byte[] plaintext) throws IOException, InterruptedException {
        Map<Long, SegmentLine> stored = new ConcurrentSkipListMap<>();
        WrittenArtifact written;
        try (SegmentWriter writer =
                new SegmentWriter(secret, List.of(identity.recipient()), 1, 2, 4, new SecureRandom())) {
            written = writer.write(
                            new ByteArrayInputStream(plaintext),
                            new SegmentSizes(SegmentSizes.SMALLEST_MEAN),
                            new SegmentSink() {
                                @Override
                                public boolean isStored(long position, Fingerprint fingerprint) {
                                    return false;
                                }

                                @Override
                                public void store(long position, Fingerprint fingerprint, SealedSegment sealed) {
                                    SegmentName name = new SegmentName(BACKUP, 1, (int) position);
                                    objects.put(name.path(), Arrays.copyOf(sealed.buffer(), sealed.bytes()));
                                    stored.put(
                                            position,
                                            new SegmentLine(
                                                    "app",
                                                    fingerprint,
                                                    sealed.bytes(),
                                                    sealed.sha256(),
                                                    sealed.key(),
                                                    name));
                                }
                            })
                    .await();
        }
        if (written.plaintextBytes() != plaintext.length || written.segments() != stored.size()) {
            throw new AssertionError("written: " + written + ", stored: " + stored.size());
        }
        lines = new ArrayList<>(new TreeMap<>(stored).values());
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        SegmentListWriter out = new SegmentListWriter(
                file, "app".length(), lines.getFirst().name().path().length());
        for (SegmentLine line : lines) {
            out.write(line);
        }
        list = out.end();
        listFile = file.toByteArray();
    }

    /** What a manager would sign of it, for an instance of the name {@code instance}. */
    Manifest manifest(long plaintextBytes) {
        long bytes = lines.stream().mapToLong(SegmentLine::bytes).sum();
        String numbers = lines.size() == 1 ? "0" : "0-" + (lines.size() - 1);
        return new Manifest(
                Manifest.FORMAT,
                "instance",
                BACKUP,
                1,
                Instant.EPOCH,
                Instant.EPOCH,
                "command",
                null,
                Manifest.Life.UNRECORDED,
                1,
                List.of(identity.recipient().toString()),
                List.of(new Manifest.Artifact(
                        "app", "stream", "a command", plaintextBytes, bytes, SegmentSizes.SMALLEST_MEAN, lines.size())),
                new Manifest.Segments(
                        Cutter.NAME, list, List.of(new Manifest.Brought(BACKUP, 1, Instant.EPOCH, numbers, bytes))),
                Map.of());
    }

    /** All of the artifact, read by the list as it is given, from objects as they are now. */
    byte[] read(byte[] file) throws IOException {
        SegmentListReader reader = new SegmentListReader(new ByteArrayInputStream(file), list);
        SegmentOpener opener = new SegmentOpener(secret);
        byte[] room = new byte[SegmentSizes.LARGEST_SEGMENT];
        ByteArrayOutputStream plaintext = new ByteArrayOutputStream();
        for (SegmentLine line = reader.next(); line != null; line = reader.next()) {
            byte[] object = objects.getOrDefault(line.name().path(), new byte[0]);
            int length = opener.open(object, object.length, line, identity.open(line.key()), room);
            plaintext.write(room, 0, length);
        }
        return plaintext.toByteArray();
    }
}
