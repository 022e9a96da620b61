package io.holdfast.format.segment;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * Writes the list of a backup's segments, in the order of the restore. All lines but the last have the same length, so that a
 * reader finds any of them without reading the others. Not safe for several threads.
 */
public final class SegmentListWriter implements AutoCloseable {
    private final OutputStream out;
    private final int artifactColumns;
    private final int pathColumns;
    private final MessageDigest sha256 = Digests.sha256();
    private long lines;
    private long bytes;

    /**
     * A writer.
     *
     * @param artifactColumns the length of the longest name of an artifact
     * @param pathColumns the length of the longest path of a segment
     */
    public SegmentListWriter(OutputStream out, int artifactColumns, int pathColumns) {
        this.out = out;
        this.artifactColumns = artifactColumns;
        this.pathColumns = pathColumns;
    }

    /**
     * Writes one line.
     *
     * @throws IllegalArgumentException when a name or path is longer than was said
     */
    public void write(SegmentLine line) throws IOException {
        put(SegmentList.text(line, artifactColumns, pathColumns));
        lines++;
    }

    private void put(String text) throws IOException {
        byte[] encoded = (text + "\n").getBytes(US_ASCII);
        out.write(encoded);
        sha256.update(encoded);
        bytes += encoded.length;
    }

    /** Writes the last line, and answers what the manifest says of the list. The stream stays open. */
    public SegmentList end() throws IOException {
        put(SegmentList.END + lines);
        out.flush();
        return new SegmentList(
                lines,
                SegmentList.lineBytes(artifactColumns, pathColumns),
                bytes,
                HexFormat.of().formatHex(sha256.digest()));
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
