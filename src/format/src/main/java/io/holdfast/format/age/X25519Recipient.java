package io.holdfast.format.age;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.InvalidKeyException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;

/** A public key, written {@code age1…}. Immutable; equal when the key is. */
public final class X25519Recipient implements Recipient {
    static final String STANZA = "X25519";

    private static final String PREFIX = "age";
    private static final byte[] INFO = "age-encryption.org/v1/X25519".getBytes(US_ASCII);

    private final byte[] point;

    X25519Recipient(byte[] point) {
        this.point = point;
    }

    /**
     * Reads the text form.
     *
     * @throws AgeException of kind BAD_KEY when it is not a recipient, UNSUPPORTED_KEY when it is one of another type,
     *     or LOW_ORDER_POINT
     */
    public static X25519Recipient parse(String text) throws AgeException {
        // Recipients of other types have a longer prefix, such as age1pq or age1tag; Bech32 data has no 1 in it.
        if (text.startsWith(PREFIX + "1") && text.lastIndexOf('1') > PREFIX.length()) {
            throw new AgeException(
                    AgeException.Kind.UNSUPPORTED_KEY, "not an X25519 recipient: other types are not supported");
        }
        byte[] point = text.startsWith(PREFIX) ? Bech32.decode(PREFIX, text) : new byte[0];
        if (point.length != X25519.BYTES) {
            throw new AgeException(AgeException.Kind.BAD_KEY, "not an X25519 recipient: these start with age1");
        }
        X25519Recipient recipient = new X25519Recipient(point);
        byte[] probe = new byte[X25519.BYTES];
        probe[0] = 8;
        try {
            X25519.multiply(probe, point);
        } catch (InvalidKeyException e) {
            throw new AgeException(
                    AgeException.Kind.LOW_ORDER_POINT, "not a usable X25519 recipient: a point of low order", e);
        }
        return recipient;
    }

    Stanza wrap(FileKey fileKey, SecureRandom random) {
        byte[] ephemeral = new byte[X25519.BYTES];
        random.nextBytes(ephemeral);
        byte[] share = X25519.publicKey(ephemeral);
        try {
            byte[] key = wrappingKey(X25519.multiply(ephemeral, point), share);
            return new Stanza(STANZA, List.of(CanonicalBase64.encode(share)), Primitives.wrap(key, fileKey));
        } catch (InvalidKeyException e) {
            throw new IllegalStateException("recipients of low order are refused when they are read", e);
        }
    }

    byte[] wrappingKey(byte[] shared, byte[] share) {
        return Primitives.hkdf(shared, X25519.join(share, point), INFO);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof X25519Recipient that && Arrays.equals(point, that.point);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(point);
    }

    /** The text form, {@code age1…}. */
    @Override
    public String toString() {
        return Bech32.encode(PREFIX, point);
    }
}
