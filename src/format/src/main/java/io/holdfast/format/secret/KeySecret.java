package io.holdfast.format.secret;

import io.holdfast.format.age.X25519Identity;
import java.nio.charset.StandardCharsets;
import java.security.InvalidAlgorithmParameterException;
import java.security.NoSuchAlgorithmException;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;

/**
 * A random text from which a manager's keys are derived with HKDF-SHA-256 (RFC 5869), each with a label of its own. It
 * exists because BOSH makes random passwords, but neither age identities nor Ed25519 keys. Immutable.
 */
public final class KeySecret {
    /** A text of fewer characters is refused: 40 of BOSH's passwords have about 200 bits. */
    public static final int LEAST_CHARACTERS = 40;

    private static final String SALT = "holdfast/v1/key-secret";
    private static final int KEY_BYTES = 32;

    private final byte[] secret;

    private KeySecret(String text) {
        this.secret = text.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * The secret with this text; blanks and line ends around it do not count.
     *
     * @throws IllegalArgumentException when it is too short; it is not part of the message
     */
    public static KeySecret of(String text) {
        String stripped = text.strip();
        if (stripped.length() < LEAST_CHARACTERS) {
            throw new IllegalArgumentException(
                    "a key secret must have " + LEAST_CHARACTERS + " or more random characters");
        }
        return new KeySecret(stripped);
    }

    /** The identity that opens the instances' keys. */
    public X25519Identity masterIdentity() {
        return X25519Identity.of(derive("master-identity"));
    }

    /** The seed (RFC 8032) of the Ed25519 key that signs manifests. */
    public byte[] signingSeed() {
        return derive("signing-key");
    }

    private byte[] derive(String label) {
        try {
            return KDF.getInstance("HKDF-SHA256")
                    .deriveData(HKDFParameterSpec.ofExtract()
                            .addIKM(secret)
                            .addSalt(SALT.getBytes(StandardCharsets.UTF_8))
                            .thenExpand(label.getBytes(StandardCharsets.UTF_8), KEY_BYTES));
        } catch (NoSuchAlgorithmException | InvalidAlgorithmParameterException e) {
            throw new IllegalStateException("this JDK has no usable HKDF-SHA256", e);
        }
    }

    /** Never shows the secret. */
    @Override
    public String toString() {
        return "KeySecret";
    }
}
