package io.holdfast.format.age;

import java.util.Base64;

/** The only form of base64 that age headers know: standard alphabet, no padding, unused bits zero (RFC 4648, 3.5). */
final class CanonicalBase64 {
    private static final Base64.Encoder ENCODER = Base64.getEncoder().withoutPadding();
    private static final Base64.Decoder DECODER = Base64.getDecoder();

    private CanonicalBase64() {}

    static String encode(byte[] bytes) {
        return ENCODER.encodeToString(bytes);
    }

    static byte[] decode(String text) throws AgeException {
        byte[] bytes;
        try {
            bytes = DECODER.decode(text);
        } catch (IllegalArgumentException e) {
            throw new AgeException(AgeException.Kind.BAD_BASE64, "the header holds malformed base64", e);
        }
        // The JDK's decoder takes padding and non-zero unused bits; only one spelling of the bytes is right.
        if (!encode(bytes).equals(text)) {
            throw new AgeException(AgeException.Kind.BAD_BASE64, "the header holds base64 that is not canonical");
        }
        return bytes;
    }
}
