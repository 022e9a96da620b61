package io.holdfast.format.segment;

import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Computes {@link Fingerprint}s: HMAC-SHA-256 with a key of the instance's key version. Not safe for several threads. */
public final class Fingerprints {
    private static final String ALGORITHM = "HmacSHA256";

    private final Mac mac;

    /** By this secret. */
    public Fingerprints(SegmentSecret secret) {
        try {
            mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(secret.fingerprintKey(), ALGORITHM));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no usable HMAC-SHA-256", e);
        }
    }

    /** That of the first {@code length} bytes. */
    public Fingerprint of(byte[] plaintext, int length) {
        mac.update(plaintext, 0, length);
        return Fingerprint.of(mac.doFinal());
    }
}
