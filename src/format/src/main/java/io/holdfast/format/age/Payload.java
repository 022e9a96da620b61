package io.holdfast.format.age;

import static java.nio.charset.StandardCharsets.US_ASCII;

import javax.crypto.spec.SecretKeySpec;

/** What writer and reader of a payload must agree on: sizes, key and nonces. */
final class Payload {
    static final int CHUNK_BYTES = 64 * 1024;
    static final int SEALED_CHUNK_BYTES = CHUNK_BYTES + Primitives.TAG_BYTES;
    static final int SALT_BYTES = 16;

    private static final byte[] INFO = "payload".getBytes(US_ASCII);

    private Payload() {}

    static SecretKeySpec key(FileKey fileKey, byte[] salt) {
        return Primitives.cipherKey(Primitives.hkdf(fileKey.bytes(), salt, INFO));
    }

    /** The nonce of a chunk: its number in 11 bytes, big-endian, then 1 for the final chunk and 0 for the others. */
    static byte[] nonce(long chunk, boolean last) {
        byte[] nonce = new byte[Primitives.NONCE_BYTES];
        for (int i = 0; i < Long.BYTES; i++) {
            nonce[10 - i] = (byte) (chunk >>> (8 * i));
        }
        nonce[11] = (byte) (last ? 1 : 0);
        return nonce;
    }
}
