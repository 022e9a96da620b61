package io.holdfast.manager.identity;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** What is made of one random secret that only a browser keeps. */
public final class Secrets {
    private static final int BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private Secrets() {}

    /** A new secret, in letters that a cookie and an address may have: 256 random bits. */
    public static String random(SecureRandom random) {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return text(bytes);
    }

    /** By which a secret is known again without being kept. */
    public static String hash(String secret) {
        try {
            return text(MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Another secret for one purpose: who sees it learns nothing of the first (HMAC-SHA-256). */
    public static String derive(String secret, String purpose) {
        return text(mac(secret, purpose));
    }

    /** Whether a text is a secret that was expected, in a time that does not depend on it. */
    public static boolean same(String expected, String given) {
        return MessageDigest.isEqual(expected.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
    }

    /** Encrypts a text so that only the secret opens it (AES-256-GCM, a random nonce in front). */
    static String seal(String secret, String text, SecureRandom random) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        byte[] sealed = aes(Cipher.ENCRYPT_MODE, secret, nonce, text.getBytes(StandardCharsets.UTF_8));
        byte[] all = Arrays.copyOf(nonce, NONCE_BYTES + sealed.length);
        System.arraycopy(sealed, 0, all, NONCE_BYTES, sealed.length);
        return text(all);
    }

    /** Decrypts what was sealed. */
    static String open(String secret, String sealed) {
        byte[] all = Base64.getUrlDecoder().decode(sealed);
        return new String(
                aes(
                        Cipher.DECRYPT_MODE,
                        secret,
                        Arrays.copyOf(all, NONCE_BYTES),
                        Arrays.copyOfRange(all, NONCE_BYTES, all.length)),
                StandardCharsets.UTF_8);
    }

    private static byte[] aes(int mode, String secret, byte[] nonce, byte[] input) {
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(mode, new SecretKeySpec(mac(secret, "tokens"), "AES"), new GCMParameterSpec(TAG_BITS, nonce));
            return cipher.doFinal(input);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] mac(String secret, String purpose) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return mac.doFinal(purpose.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String text(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
