package io.holdfast.format.age;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A passphrase to open files with, and the work factor up to which that may cost. */
public final class PassphraseIdentity implements Identity {
    private static final Pattern WORK_FACTOR = Pattern.compile("[1-9][0-9]*");

    private final String passphrase;
    private final int maxWorkFactor;

    /**
     * An identity for this passphrase.
     *
     * @param maxWorkFactor highest base-2 logarithm of scrypt's cost to accept, 1 to 20: what a forged file can make
     *     the reader pay
     * @throws IllegalArgumentException when it lies outside of its bounds
     */
    public PassphraseIdentity(String passphrase, int maxWorkFactor) {
        if (maxWorkFactor < 1 || maxWorkFactor > PassphraseRecipient.LARGEST_WORK_FACTOR) {
            throw new IllegalArgumentException(
                    "the highest work factor must be 1 to " + PassphraseRecipient.LARGEST_WORK_FACTOR);
        }
        this.passphrase = passphrase;
        this.maxWorkFactor = maxWorkFactor;
    }

    /** The file key, or null when the passphrase is another. */
    @Nullable FileKey unwrap(Stanza stanza) throws AgeException {
        if (stanza.arguments().size() != 2) {
            throw new AgeException(AgeException.Kind.BAD_STANZA, "a scrypt stanza has exactly two arguments");
        }
        byte[] salt = CanonicalBase64.decode(stanza.arguments().getFirst());
        String factor = stanza.arguments().getLast();
        if (salt.length != PassphraseRecipient.SALT_BYTES
                || stanza.body().length != FileKey.BYTES + Primitives.TAG_BYTES
                || !WORK_FACTOR.matcher(factor).matches()) {
            throw new AgeException(
                    AgeException.Kind.BAD_STANZA,
                    "a scrypt stanza has a salt of 16 bytes, a decimal work factor and a body of 32 bytes");
        }
        if (factor.length() > 2 || Integer.parseInt(factor) > maxWorkFactor) {
            throw new AgeException(
                    AgeException.Kind.EXCESSIVE_WORK_FACTOR,
                    "the file asks for a scrypt work factor above the limit of " + maxWorkFactor);
        }
        byte[] key = PassphraseRecipient.wrappingKey(passphrase, salt, Integer.parseInt(factor));
        return Primitives.unwrap(key, stanza.body());
    }

    @Override
    public String toString() {
        return "PassphraseIdentity[hidden]";
    }
}
