package io.holdfast.protocol;

import java.util.List;

/**
 * {@code POST /agent/v1/jobs/{id}/uploads}: asks for the addresses to store segments at. Each address takes exactly one object
 * with exactly these bytes. Asking again for the same segments is fine and gives new addresses.
 *
 * @param epoch the attempt's
 * @param segments 1 to {@link #MOST}
 */
public record SegmentUploads(int epoch, List<Segment> segments) {
    /** The most segments of one call. */
    public static final int MOST = 1000;

    public SegmentUploads {
        segments = List.copyOf(segments);
    }

    /**
     * One object.
     *
     * @param number from 0, without gaps within the attempt
     * @param artifact the artifact's name: {@code [a-z0-9][a-z0-9_-]{0,62}}
     * @param position which of the artifact's segments it is, from 0
     * @param fingerprint of its plaintext, 64 lower-case hexadecimal digits
     * @param bytes size of the object
     * @param sha256 of the object, in lower-case hexadecimal
     * @param md5 of the object, in base64
     * @param share what its header has for the instance's key version: the stanza's argument
     * @param body the stanza's body
     */
    public record Segment(
            int number,
            String artifact,
            long position,
            String fingerprint,
            int bytes,
            String sha256,
            String md5,
            String share,
            String body) {}

    /** The answer: an address for each segment, in the same order. */
    public record Answer(List<Address> addresses) {
        public Answer {
            addresses = List.copyOf(addresses);
        }
    }
}
