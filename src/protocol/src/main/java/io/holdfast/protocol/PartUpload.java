package io.holdfast.protocol;

import java.util.Map;

/**
 * {@code POST /agent/v1/jobs/{id}/parts}: asks for the address to upload one part to. The address accepts exactly one
 * part with exactly these bytes; asking again for the same part is fine and gives a new one.
 *
 * @param epoch the attempt's
 * @param artifact the artifact's name
 * @param segment from 0
 * @param part from 1, as the stores count
 * @param size bytes; every part but a segment's last has {@link #PART_BYTES}
 * @param md5 the part's MD5 in base64
 */
public record PartUpload(int epoch, String artifact, int segment, int part, int size, String md5) {
    /** The size of every part but the last of a segment: 8 MiB. */
    public static final int PART_BYTES = 8 * 1024 * 1024;

    /** How many parts the stores allow an object, and so a segment. */
    public static final int MOST_PARTS = 10_000;

    /**
     * Where to {@code PUT} the part.
     *
     * @param url the signed address
     * @param headers headers to send exactly as given
     */
    public record Address(String url, Map<String, String> headers) {}
}
