package io.holdfast.manager.store.directory;

import java.io.IOException;
import java.io.InputStream;

/**
 * An object, or a range of it, that is to be sent to the holder of a signed address. Closing it closes the file.
 *
 * @param content exactly {@code length} bytes, or it throws
 * @param offset the first byte's place in the object
 * @param length bytes
 * @param total the whole object's bytes
 * @param partial whether a range was asked for: answer 206 with {@link #contentRange}, else 200
 */
public record SignedRead(InputStream content, long offset, long length, long total, boolean partial)
        implements AutoCloseable {
    /** The value of the answer's Content-Range header, for a range. */
    public String contentRange() {
        return "bytes " + offset + "-" + (offset + length - 1) + "/" + total;
    }

    @Override
    public void close() throws IOException {
        content.close();
    }
}
