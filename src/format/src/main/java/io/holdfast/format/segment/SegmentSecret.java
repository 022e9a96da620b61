package io.holdfast.format.segment;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.InvalidAlgorithmParameterException;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;

/**
 * The secret of a key version from which come where its artifacts are cut and how their segments are recognized. Without it,
 * nobody can tell from the sizes of segments whether a file that he has is in a backup. Immutable.
 */
public final class SegmentSecret {
    /** Length in bytes. */
    public static final int BYTES = 32;

    static final int CUTTER_BYTES = 256 * Long.BYTES;
    static final int FINGERPRINT_BYTES = 32;

    private static final byte[] SALT = "holdfast/2/segments".getBytes(UTF_8);

    private final byte[] secret;

    private SegmentSecret(byte[] secret) {
        this.secret = secret;
    }

    /** A new one. */
    public static SegmentSecret random(SecureRandom random) {
        byte[] secret = new byte[BYTES];
        random.nextBytes(secret);
        return new SegmentSecret(secret);
    }

    /**
     * The one with these bytes, which are copied.
     *
     * @throws IllegalArgumentException when they are not 32
     */
    public static SegmentSecret of(byte[] secret) {
        if (secret.length != BYTES) {
            throw new IllegalArgumentException("a segment secret has " + BYTES + " bytes, not " + secret.length);
        }
        return new SegmentSecret(secret.clone());
    }

    /** A copy of the secret bytes. */
    public byte[] bytes() {
        return secret.clone();
    }

    byte[] cutterKey() {
        return derive("cutter", CUTTER_BYTES);
    }

    byte[] fingerprintKey() {
        return derive("fingerprint", FINGERPRINT_BYTES);
    }

    private byte[] derive(String label, int length) {
        try {
            return KDF.getInstance("HKDF-SHA256")
                    .deriveData(HKDFParameterSpec.ofExtract()
                            .addIKM(secret)
                            .addSalt(SALT)
                            .thenExpand(label.getBytes(UTF_8), length));
        } catch (NoSuchAlgorithmException | InvalidAlgorithmParameterException e) {
            throw new IllegalStateException("this JDK has no usable HKDF-SHA256", e);
        }
    }

    /** Never shows the secret. */
    @Override
    public String toString() {
        return "SegmentSecret[hidden]";
    }
}
