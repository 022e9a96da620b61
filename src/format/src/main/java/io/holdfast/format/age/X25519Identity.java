package io.holdfast.format.age;

import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A secret key, written {@code AGE-SECRET-KEY-1…}. Immutable; its {@code toString} shows only the recipient. */
public final class X25519Identity implements Identity {
    private static final String PREFIX = "age-secret-key-";
    private static final String START = "AGE-SECRET-KEY-1";
    private static final int WRAPPED_BYTES = FileKey.BYTES + Primitives.TAG_BYTES;

    private final byte[] secret;
    private final X25519Recipient recipient;

    private X25519Identity(byte[] secret) {
        this.secret = secret;
        this.recipient = new X25519Recipient(X25519.publicKey(secret));
    }

    /** A new identity. */
    public static X25519Identity generate(SecureRandom random) {
        byte[] secret = new byte[X25519.BYTES];
        random.nextBytes(secret);
        return new X25519Identity(secret);
    }

    /** The identity with this secret, 32 bytes. */
    public static X25519Identity of(byte[] secret) {
        if (secret.length != X25519.BYTES) {
            throw new IllegalArgumentException("an X25519 secret has " + X25519.BYTES + " bytes");
        }
        return new X25519Identity(secret.clone());
    }

    /**
     * Reads the text form.
     *
     * @throws AgeException of kind BAD_KEY when it is not one, or UNSUPPORTED_KEY when it is one of another type; the
     *     message does not quote it
     */
    public static X25519Identity parse(String text) throws AgeException {
        if (text.startsWith("AGE-SECRET-KEY-PQ-1") || text.startsWith("AGE-PLUGIN-")) {
            throw new AgeException(
                    AgeException.Kind.UNSUPPORTED_KEY, "not an X25519 identity: other types are not supported");
        }
        byte[] secret = text.startsWith(START) ? Bech32.decode(PREFIX, text) : new byte[0];
        if (secret.length != X25519.BYTES) {
            throw new AgeException(
                    AgeException.Kind.BAD_KEY, "not an X25519 identity: these start with " + START + " in capitals");
        }
        return new X25519Identity(secret);
    }

    /**
     * Reads an identity file, as {@code age-keygen} writes it: one identity a line, empty lines and lines that start
     * with {@code #} are skipped.
     *
     * @throws AgeException naming the line, when a line is something else; of kind BAD_KEY when none holds an identity
     */
    public static List<X25519Identity> parseFile(String text) throws AgeException {
        List<X25519Identity> identities = new ArrayList<>();
        int number = 0;
        for (String line : text.lines().toList()) {
            number++;
            String content = line.strip();
            if (content.isEmpty() || content.startsWith("#")) {
                continue;
            }
            try {
                identities.add(parse(content));
            } catch (AgeException e) {
                throw new AgeException(e.kind(), "line " + number + ": " + e.getMessage(), e);
            }
        }
        if (identities.isEmpty()) {
            throw new AgeException(AgeException.Kind.BAD_KEY, "the identity file holds no identity");
        }
        return List.copyOf(identities);
    }

    /** The public half. */
    public X25519Recipient recipient() {
        return recipient;
    }

    /** The secret text form, {@code AGE-SECRET-KEY-1…}: keep it out of logs, arguments and messages. */
    public String encoded() {
        return Bech32.encode(PREFIX, secret).toUpperCase(Locale.ROOT);
    }

    /**
     * The file key in it.
     *
     * @throws AgeException of kind NO_MATCHING_KEY when it is for somebody else, or LOW_ORDER_POINT
     */
    public FileKey open(WrappedFileKey wrapped) throws AgeException {
        FileKey fileKey = unwrap(wrapped.stanza());
        if (fileKey == null) {
            throw new AgeException(AgeException.Kind.NO_MATCHING_KEY, "the file key is wrapped for another recipient");
        }
        return fileKey;
    }

    /** The file key, or null when the stanza is for somebody else. */
    @Nullable FileKey unwrap(Stanza stanza) throws AgeException {
        if (stanza.arguments().size() != 1) {
            throw new AgeException(AgeException.Kind.BAD_STANZA, "an X25519 stanza has exactly one argument");
        }
        byte[] share = CanonicalBase64.decode(stanza.arguments().getFirst());
        if (share.length != X25519.BYTES || stanza.body().length != WRAPPED_BYTES) {
            throw new AgeException(
                    AgeException.Kind.BAD_STANZA, "an X25519 stanza has a share and a body of 32 bytes each");
        }
        byte[] shared;
        try {
            shared = X25519.multiply(secret, share);
        } catch (InvalidKeyException e) {
            throw new AgeException(
                    AgeException.Kind.LOW_ORDER_POINT, "an X25519 stanza has a share of low order: it was forged", e);
        }
        return Primitives.unwrap(recipient.wrappingKey(shared, share), stanza.body());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof X25519Identity that && MessageDigest.isEqual(secret, that.secret);
    }

    @Override
    public int hashCode() {
        return recipient.hashCode();
    }

    @Override
    public String toString() {
        return "X25519Identity[hidden, of " + recipient + "]";
    }
}
