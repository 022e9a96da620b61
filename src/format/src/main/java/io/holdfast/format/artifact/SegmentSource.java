package io.holdfast.format.artifact;

import io.holdfast.format.age.FileKey;
import java.io.IOException;
import java.io.InputStream;

/** One segment to read back: where it lies, its key, and what the manifest says about it. */
public interface SegmentSource {
    /** Opens the ciphertext from its start. Called once; the reader closes the stream. */
    InputStream open() throws IOException;

    /** The secret of this segment's age file. */
    FileKey key();

    /** Size of the ciphertext in bytes. */
    long bytes();

    /** SHA-256 of the ciphertext, in lower-case hexadecimal. */
    String sha256();
}
