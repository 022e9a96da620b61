package io.holdfast.protocol;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /agent/v1/jobs/{id}/downloads}: asks for the addresses to read segments of the restore's backup from, and for what
 * opens them. Addresses expire; asking again is fine.
 *
 * @param epoch the attempt's
 * @param first the first one: which line of the backup's list, from 0
 * @param count how many, 1 to {@link #MOST}; none is behind the list's end
 */
public record SegmentDownloads(int epoch, long first, int count) {
    /** The most segments of one call. */
    public static final int MOST = 1000;

    /**
     * The answer.
     *
     * @param segmentSecret by which the fingerprints were made, 32 bytes in base64; null where nobody has it any more
     * @param segments as many as were asked for, in order
     */
    public record Answer(@Nullable String segmentSecret, List<Segment> segments) {
        public Answer {
            segments = List.copyOf(segments);
        }

        /** Says how many, never what opens them. */
        @Override
        public String toString() {
            return "Answer[" + segments.size() + " segments]";
        }
    }

    /**
     * One segment.
     *
     * @param line its line of the backup's list, without the line feed; where its object is damaged or lost, that of another one
     *     with the same fingerprint
     * @param key what opens it: 16 bytes in base64, to be kept in memory only
     * @param address where to {@code GET} it
     */
    public record Segment(String line, String key, Address address) {
        /** Says which it is, never what opens it. */
        @Override
        public String toString() {
            return "Segment[" + line + "]";
        }
    }
}
