package io.holdfast.format.segment;

import io.holdfast.format.age.WrappedFileKey;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Room for one sealed segment, which a {@link SegmentSealer} fills again and again. Not safe for several threads: it is handed
 * from one to the next.
 */
public final class SealedSegment {
    private final SealedOutput output;
    private @Nullable WrappedFileKey key;

    /** Room for any segment of these sizes. */
    public SealedSegment(SegmentSizes sizes) {
        output = new SealedOutput(sizes.mostSealed());
    }

    SealedOutput begin() {
        key = null;
        output.reset();
        return output;
    }

    void end(WrappedFileKey made) {
        key = made;
    }

    /** Size of the object. */
    public int bytes() {
        return output.length();
    }

    /** The bytes of the object, from the first to {@link #bytes}; not a copy. */
    public byte[] buffer() {
        return output.buffer();
    }

    /** SHA-256 of the object, in lower-case hexadecimal. */
    public String sha256() {
        MessageDigest digest = Digests.sha256();
        digest.update(output.buffer(), 0, output.length());
        return HexFormat.of().formatHex(digest.digest());
    }

    /** What its header has for the first recipient. */
    public WrappedFileKey key() {
        if (key == null) {
            throw new IllegalStateException("nothing was sealed");
        }
        return key;
    }
}
