package io.holdfast.format.segment;

import java.util.HexFormat;

/**
 * What a segment is recognized by: a keyed hash of its plaintext.
 *
 * @param hex 64 lower-case hexadecimal digits
 */
public record Fingerprint(String hex) {
    /** Length in bytes. */
    public static final int BYTES = 32;

    /** Checks the shape, with {@link IllegalArgumentException}. */
    public Fingerprint {
        if (!hex.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException("a fingerprint has 64 lower-case hexadecimal digits");
        }
    }

    /** Its first 8 bytes as a number, the most significant one first. */
    public long prefix() {
        return Long.parseUnsignedLong(hex, 0, 2 * Long.BYTES, 16);
    }

    static Fingerprint of(byte[] hash) {
        return new Fingerprint(HexFormat.of().formatHex(hash));
    }

    @Override
    public String toString() {
        return hex;
    }
}
