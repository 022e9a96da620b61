package io.holdfast.manager.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/** The body of a request. For the thread of the request. */
public interface Body {
    /**
     * All of it, read once.
     *
     * @param most bytes; a caller who is not known yet may send less than that, see {@link Request#known}
     * @throws HttpError 413 when it is longer, 408 when it does not come in time, 503 when there is no memory for it
     */
    byte[] bytes(int most) throws IOException;

    /**
     * The same as a stream, of which no more is in memory than is read at once.
     *
     * @throws HttpError 408, by the stream, when it does not come in time
     */
    InputStream stream();

    /** A body that is there already. */
    static Body of(byte[] content) {
        return new Body() {
            @Override
            public byte[] bytes(int most) {
                if (content.length > most) {
                    throw tooLarge(most);
                }
                return content;
            }

            @Override
            public InputStream stream() {
                return new ByteArrayInputStream(content);
            }
        };
    }

    /** The refusal of a body that is too long. */
    static HttpError tooLarge(int most) {
        return new HttpError(ErrorCode.BODY_TOO_LARGE, "the body is larger than " + most + " bytes", "send less");
    }
}
