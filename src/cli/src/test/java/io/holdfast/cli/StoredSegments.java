package io.holdfast.cli;

import io.holdfast.format.segment.Fingerprint;
import io.holdfast.format.segment.SealedSegment;
import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentName;
import io.holdfast.format.segment.SegmentSink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Puts segments into an instance's folder, numbered as they come. */
final class StoredSegments implements SegmentSink {
    private final Path instance;
    private final String backup;
    private final AtomicInteger number = new AtomicInteger();
    private final ConcurrentSkipListMap<Long, SegmentLine> lines = new ConcurrentSkipListMap<>();
    private volatile String artifact = "";

    StoredSegments(Path instance, String backup) {
        this.instance = instance;
        this.backup = backup;
    }

    /** From now on, segments are those of this artifact. */
    void begin(String name) {
        artifact = name;
        lines.clear();
    }

    /** Those of the artifact, in their order. */
    List<SegmentLine> lines() {
        return List.copyOf(lines.values());
    }

    @Override
    public boolean isStored(long position, Fingerprint fingerprint) {
        return false;
    }

    @Override
    public void store(long position, Fingerprint fingerprint, SealedSegment sealed) throws IOException {
        SegmentName name = new SegmentName(backup, 1, number.getAndIncrement());
        Path file = instance.resolve(name.path());
        Files.createDirectories(file.getParent());
        Files.write(file, Arrays.copyOf(sealed.buffer(), sealed.bytes()));
        lines.put(
                position, new SegmentLine(artifact, fingerprint, sealed.bytes(), sealed.sha256(), sealed.key(), name));
    }
}
