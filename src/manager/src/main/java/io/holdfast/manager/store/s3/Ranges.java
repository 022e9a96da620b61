package io.holdfast.manager.store.s3;

import org.jspecify.annotations.Nullable;

/** Byte ranges as in RFC 9110, section 14. */
final class Ranges {
    private Ranges() {}

    /** The value of a Range header. The length may be {@link Long#MAX_VALUE} for "to the end". */
    static String header(long offset, long length) {
        if (offset < 0 || length < 1) {
            throw new IllegalArgumentException("not a range: offset " + offset + ", length " + length);
        }
        return "bytes=" + offset + "-" + (length > Long.MAX_VALUE - offset ? "" : offset + length - 1);
    }

    /** Whether a Content-Range says that the content begins at this byte. */
    static boolean begins(@Nullable String contentRange, long offset) {
        return contentRange != null && contentRange.startsWith("bytes " + offset + "-");
    }
}
