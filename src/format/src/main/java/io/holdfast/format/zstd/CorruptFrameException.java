package io.holdfast.format.zstd;

import java.io.IOException;

/** Compressed data that is not a row of whole frames of the kind that {@link FrameCompressor} makes. */
public final class CorruptFrameException extends IOException {
    CorruptFrameException(String message) {
        super(message);
    }

    CorruptFrameException(String message, Throwable cause) {
        super(message, cause);
    }
}
