package io.holdfast.format.age;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** An age file, recipient or identity that cannot be used; {@link #kind()} tells which class of mistake it is. */
public final class AgeException extends IOException {
    /** The classes of unusable files. None of them is worth a retry on the same bytes. */
    public enum Kind {
        /** The bytes do not start like an age file. */
        NOT_AGE,
        /** An age file of another version than 1. */
        UNSUPPORTED_VERSION,
        /** The header breaks the grammar outside of a stanza. */
        BAD_HEADER,
        /** A recipient stanza breaks the grammar, or the rules of its type. */
        BAD_STANZA,
        /** Base64 that is not in the one canonical, unpadded form. */
        BAD_BASE64,
        /** The header is longer than any header in use. */
        OVERSIZED_HEADER,
        /** The ephemeral share of a stanza is a point of low order, which would make the key guessable. */
        LOW_ORDER_POINT,
        /** A passphrase stanza stands beside another stanza, which breaks authentication. */
        PASSPHRASE_NOT_ALONE,
        /** The scrypt work factor is above what the reader is willing to pay. */
        EXCESSIVE_WORK_FACTOR,
        /** All stanzas are of types that are not known here. */
        UNSUPPORTED_RECIPIENT,
        /** None of the identities fits the file. */
        NO_MATCHING_KEY,
        /** The passphrase does not fit the file. */
        WRONG_PASSPHRASE,
        /** The header's MAC does not fit: the header was changed, or the file key is of another file. */
        BAD_MAC,
        /** The file ends too early: in its header, or at a chunk border without the final chunk. */
        TRUNCATED,
        /** A chunk is not authentic: changed, cut in its middle, or out of its place. */
        BAD_CHUNK,
        /** The final chunk is empty although chunks stand before it. */
        EMPTY_FINAL_CHUNK,
        /** Bytes follow the final chunk. */
        DATA_AFTER_END,
        /** The armor (the text form) is malformed. */
        BAD_ARMOR,
        /** The text is not a recipient or identity. */
        BAD_KEY,
        /** A recipient or identity of a type that is not supported here: post-quantum, tagged, or of a plugin. */
        UNSUPPORTED_KEY
    }

    private final Kind kind;

    AgeException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    AgeException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** What is wrong with the file. */
    public Kind kind() {
        return kind;
    }
}
