package io.holdfast.format.signed;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A signed file that cannot be trusted or read; {@link #kind()} tells why. */
public final class SignedFileException extends IOException {
    /** The classes of unusable files. */
    public enum Kind {
        /** The file is not laid out like a signed file of its kind. */
        BAD_LAYOUT,
        /** Its content's fields are not of the right names, types or bounds. */
        BAD_CONTENT,
        /** The key that it says to be signed with is not among the trusted ones. */
        UNKNOWN_SIGNER,
        /** The signature does not fit: the content was changed. */
        BAD_SIGNATURE,
        /** It is authentic, but of something else than was asked for: it was put in another's place. */
        ANOTHERS
    }

    private final Kind kind;

    SignedFileException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** It is authentic, but not of what was asked for. */
    public static SignedFileException anothers(String message) {
        return new SignedFileException(Kind.ANOTHERS, message, null);
    }

    /** What is wrong. */
    public Kind kind() {
        return kind;
    }
}
