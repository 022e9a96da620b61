package io.holdfast.manager.http;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A request's body. That it does not come, or comes too slowly, is the caller's mistake and not one of the manager. */
final class AwaitedBody extends FilterInputStream {
    private boolean late;

    AwaitedBody(InputStream body) {
        super(body);
    }

    @Override
    public int read() throws IOException {
        try {
            return super.read();
        } catch (IOException e) {
            throw late();
        }
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        try {
            return super.read(target, offset, length);
        } catch (IOException e) {
            throw late();
        }
    }

    /** Whether it was waited for in vain. */
    boolean isLate() {
        return late;
    }

    private HttpError late() {
        late = true;
        return new HttpError(
                ErrorCode.REQUEST_TIMEOUT,
                "the body did not come, was cut off, or came too slowly",
                "send it at once and whole");
    }
}
