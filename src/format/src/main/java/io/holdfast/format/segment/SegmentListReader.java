package io.holdfast.format.segment;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Reads a list of segments from its beginning to its end, at constant memory. Its lines are authentic only once {@link #next}
 * has answered the end: whoever has to use them before reads the list twice, from a copy that nobody else can change. Not safe
 * for several threads.
 */
public final class SegmentListReader {
    private final InputStream in;
    private final SegmentList list;
    private final MessageDigest sha256 = Digests.sha256();
    private long read;

    /**
     * A reader.
     *
     * @param list what the manifest says of it
     */
    public SegmentListReader(InputStream in, SegmentList list) {
        this.in = in;
        this.list = list;
    }

    /**
     * The next line; null behind the last one, when all of the list was found to be the one that the manifest means.
     *
     * @throws CorruptListException when it is cut, lengthened or changed
     */
    public @Nullable SegmentLine next() throws IOException {
        if (read == list.lines()) {
            requireEnd();
            return null;
        }
        SegmentLine line = SegmentList.parse(take(list.lineBytes()));
        read++;
        return line;
    }

    private void requireEnd() throws IOException {
        String last = list.last();
        if (!new String(take(last.length()), US_ASCII).equals(last)) {
            throw new CorruptListException("its last line is not " + last.strip());
        }
        if (in.read() >= 0) {
            throw new CorruptListException("it is longer than the " + list.bytes() + " bytes it should have");
        }
        if (!HexFormat.of().formatHex(sha256.digest()).equals(list.sha256())) {
            throw new CorruptListException("its SHA-256 is not the one that the manifest has");
        }
    }

    private byte[] take(int count) throws IOException {
        byte[] taken = in.readNBytes(count);
        if (taken.length < count) {
            throw new CorruptListException("it ends before its " + list.bytes() + " bytes");
        }
        sha256.update(taken);
        return taken;
    }
}
