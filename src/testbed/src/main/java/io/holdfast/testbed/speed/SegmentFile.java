package io.holdfast.testbed.speed;

import io.holdfast.format.segment.Fingerprint;
import io.holdfast.format.segment.SealedSegment;
import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentName;
import io.holdfast.format.segment.SegmentSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * All segments of an artifact in one file, in the order in which they came, so that making files is no part of what is measured.
 * May be used by several threads.
 */
final class SegmentFile implements SegmentSink, AutoCloseable {
    private final FileChannel file;
    private final ConcurrentSkipListMap<Long, Place> places = new ConcurrentSkipListMap<>();
    private final AtomicLong end = new AtomicLong();

    private SegmentFile(FileChannel file) {
        this.file = file;
    }

    /** Where a segment begins in the file. */
    record Place(SegmentLine line, long offset) {}

    static SegmentFile write(Path path) throws IOException {
        return new SegmentFile(FileChannel.open(
                path, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE));
    }

    static SegmentFile read(Path path, List<Place> places) throws IOException {
        SegmentFile file = new SegmentFile(FileChannel.open(path, StandardOpenOption.READ));
        places.forEach(place -> file.places.put((long) place.line().name().number(), place));
        return file;
    }

    /** All segments, in their order. */
    List<Place> places() {
        return List.copyOf(places.values());
    }

    @Override
    public boolean isStored(long position, Fingerprint fingerprint) {
        return false;
    }

    @Override
    public void store(long position, Fingerprint fingerprint, SealedSegment sealed) throws IOException {
        long offset = end.getAndAdd(sealed.bytes());
        ByteBuffer bytes = ByteBuffer.wrap(sealed.buffer(), 0, sealed.bytes());
        while (bytes.hasRemaining()) {
            file.write(bytes, offset + bytes.position());
        }
        SegmentName name = new SegmentName("b", 1, Math.toIntExact(position));
        places.put(
                position,
                new Place(
                        new SegmentLine("app", fingerprint, sealed.bytes(), sealed.sha256(), sealed.key(), name),
                        offset));
    }

    int read(SegmentLine line, byte[] target) throws IOException {
        Place place = places.get((long) line.name().number());
        if (place == null) {
            throw new IOException("not written: " + line);
        }
        ByteBuffer bytes = ByteBuffer.wrap(target, 0, line.bytes());
        while (bytes.hasRemaining() && file.read(bytes, place.offset() + bytes.position()) >= 0) {}
        return bytes.position();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
