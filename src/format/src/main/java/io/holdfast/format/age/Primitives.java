package io.holdfast.format.age;

import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.NoSuchAlgorithmException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.Mac;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** The cryptographic building blocks that several parts of an age file use, as the JDK has them. */
final class Primitives {
    static final int KEY_BYTES = 32;
    static final int NONCE_BYTES = 12;
    static final int TAG_BYTES = 16;

    private static final String AEAD = "ChaCha20-Poly1305";

    private Primitives() {}

    /** HKDF with SHA-256, 32 bytes long. */
    static byte[] hkdf(byte[] secret, byte[] salt, byte[] info) {
        try {
            return KDF.getInstance("HKDF-SHA256")
                    .deriveData(HKDFParameterSpec.ofExtract()
                            .addIKM(secret)
                            .addSalt(salt)
                            .thenExpand(info, KEY_BYTES));
        } catch (NoSuchAlgorithmException | InvalidAlgorithmParameterException e) {
            throw new IllegalStateException("this JDK has no usable HKDF-SHA256", e);
        }
    }

    static byte[] hmac(byte[] key, byte[] message) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(message);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no usable HMAC-SHA-256", e);
        }
    }

    static Cipher cipher() {
        try {
            return Cipher.getInstance(AEAD);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no usable " + AEAD, e);
        }
    }

    static SecretKeySpec cipherKey(byte[] key) {
        return new SecretKeySpec(key, AEAD);
    }

    /** Encrypts a file key under a key that is used only once, hence with a nonce of zeros. */
    static byte[] wrap(byte[] key, FileKey fileKey) {
        try {
            Cipher cipher = cipher();
            cipher.init(Cipher.ENCRYPT_MODE, cipherKey(key), new IvParameterSpec(new byte[NONCE_BYTES]));
            return cipher.doFinal(fileKey.bytes());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("wrapping a file key failed", e);
        }
    }

    /** The file key, or null when this key does not open the wrapped one. */
    static @Nullable FileKey unwrap(byte[] key, byte[] wrapped) {
        try {
            Cipher cipher = cipher();
            cipher.init(Cipher.DECRYPT_MODE, cipherKey(key), new IvParameterSpec(new byte[NONCE_BYTES]));
            return FileKey.of(cipher.doFinal(wrapped));
        } catch (AEADBadTagException e) {
            return null;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("unwrapping a file key failed", e);
        }
    }
}
