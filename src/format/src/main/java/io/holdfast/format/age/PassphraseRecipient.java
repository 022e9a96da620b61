package io.holdfast.format.age;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.SecureRandom;
import java.util.List;
import org.bouncycastle.crypto.generators.SCrypt;

/**
 * Whoever knows a passphrase. It must be a file's only recipient.
 *
 * <p>Encrypting and decrypting cost 2<sup>work factor</sup> KiB of memory and about a second at age's own choice, 18
 * (256 MiB).
 */
public final class PassphraseRecipient implements Recipient {
    /** The work factor that the age program uses. */
    public static final int DEFAULT_WORK_FACTOR = 18;

    static final String STANZA = "scrypt";
    static final int SALT_BYTES = 16;
    static final int LARGEST_WORK_FACTOR = 20;

    private static final byte[] SALT_LABEL = "age-encryption.org/v1/scrypt".getBytes(US_ASCII);
    private static final int BLOCK_SIZE = 8;

    private final String passphrase;
    private final int workFactor;

    /**
     * A recipient for this passphrase, which is used as it stands, in UTF-8.
     *
     * @param workFactor base-2 logarithm of scrypt's cost, 1 to 20
     * @throws IllegalArgumentException when the passphrase is empty or the work factor outside of its bounds
     */
    public PassphraseRecipient(String passphrase, int workFactor) {
        if (passphrase.isEmpty()) {
            throw new IllegalArgumentException("the passphrase is empty");
        }
        if (workFactor < 1 || workFactor > LARGEST_WORK_FACTOR) {
            throw new IllegalArgumentException("the work factor must be 1 to " + LARGEST_WORK_FACTOR);
        }
        this.passphrase = passphrase;
        this.workFactor = workFactor;
    }

    Stanza wrap(FileKey fileKey, SecureRandom random) {
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        byte[] key = wrappingKey(passphrase, salt, workFactor);
        return new Stanza(
                STANZA,
                List.of(CanonicalBase64.encode(salt), Integer.toString(workFactor)),
                Primitives.wrap(key, fileKey));
    }

    static byte[] wrappingKey(String passphrase, byte[] salt, int workFactor) {
        return SCrypt.generate(
                passphrase.getBytes(UTF_8),
                X25519.join(SALT_LABEL, salt),
                1 << workFactor,
                BLOCK_SIZE,
                1,
                Primitives.KEY_BYTES);
    }

    @Override
    public String toString() {
        return "PassphraseRecipient[hidden]";
    }
}
