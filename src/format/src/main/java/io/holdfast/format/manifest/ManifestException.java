package io.holdfast.format.manifest;

import java.io.IOException;

/** A manifest that cannot be trusted or read; {@link #kind()} tells why. */
public final class ManifestException extends IOException {
    /** The classes of unusable manifests. */
    public enum Kind {
        /** The file is not laid out like a signed manifest. */
        BAD_LAYOUT,
        /** The manifest's fields are not of the right names, types or bounds. */
        BAD_CONTENT,
        /** The key that it says to be signed with is not among the trusted ones. */
        UNKNOWN_SIGNER,
        /** The signature does not fit: the manifest was changed. */
        BAD_SIGNATURE
    }

    private final Kind kind;

    ManifestException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    ManifestException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** What is wrong. */
    public Kind kind() {
        return kind;
    }
}
