package io.holdfast.format.segment;

import io.holdfast.format.age.FileKey;
import java.io.IOException;

/** Where a {@link SegmentReader} has objects from. Called by several threads at once. */
public interface SegmentSource {
    /** What opens a segment. */
    FileKey key(SegmentLine line) throws IOException, InterruptedException;

    /**
     * Reads an object. What it reads need not be right: the reader checks it.
     *
     * @param target room for {@link SegmentLine#bytes} bytes, and more
     * @return how many bytes the object has, as far as there was room
     */
    int read(SegmentLine line, byte[] target) throws IOException, InterruptedException;
}
