package io.holdfast.format.artifact;

import java.io.IOException;
import java.io.OutputStream;

/** Where an artifact's segments go. Called by the thread that writes the artifact, one segment after the other. */
public interface SegmentSink {
    /**
     * Opens the place for the next segment. Closing the stream says that the segment is finished; a stream that is
     * never closed belongs to a failed artifact, and the sink's owner throws it away.
     *
     * @param segment its number, counted from 0
     */
    OutputStream open(int segment) throws IOException;
}
