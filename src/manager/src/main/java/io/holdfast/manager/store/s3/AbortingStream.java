package io.holdfast.manager.store.s3;

import java.io.IOException;
import java.io.InputStream;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * Keeps the connection after an object that was read to its end, and otherwise gives it up instead of reading the rest
 * that nobody wants. For one thread.
 */
final class AbortingStream extends InputStream {
    private final ResponseInputStream<GetObjectResponse> in;
    private long left;

    AbortingStream(ResponseInputStream<GetObjectResponse> in) {
        this.in = in;
        this.left = in.response().contentLength();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        try {
            int count = in.read(buffer, offset, length);
            left -= Math.max(0, count);
            return count;
        } catch (SdkException e) {
            throw new IOException("the connection to the store broke", e);
        }
    }

    @Override
    public void close() throws IOException {
        if (left == 0) {
            in.close();
        } else {
            in.abort();
        }
    }
}
