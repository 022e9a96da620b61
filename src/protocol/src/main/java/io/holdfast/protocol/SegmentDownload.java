package io.holdfast.protocol;

import java.util.Map;

/**
 * {@code POST /agent/v1/jobs/{id}/downloads}: asks for the address to read one segment of the restore's backup from.
 * Addresses expire; asking again is fine, and ranged reads go on where the last one ended.
 *
 * @param epoch the attempt's
 * @param artifact the artifact's name
 * @param segment from 0
 */
public record SegmentDownload(int epoch, String artifact, int segment) {
    /** Where to {@code GET} the segment, with headers to send exactly as given. */
    public record Address(String url, Map<String, String> headers) {}
}
