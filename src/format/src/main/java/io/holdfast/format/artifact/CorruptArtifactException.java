package io.holdfast.format.artifact;

import java.io.IOException;

/** A stored artifact that is not what was sealed: changed, cut, swapped, or opened with the key of another one. */
public final class CorruptArtifactException extends IOException {
    CorruptArtifactException(String message) {
        super(message);
    }

    CorruptArtifactException(String message, Throwable cause) {
        super(message, cause);
    }
}
