package io.holdfast.format.age;

import java.util.Arrays;
import java.util.List;

/**
 * A {@link FileKey} as one recipient gets it: the share and the body of an X25519 stanza. It says nothing to anybody else.
 * Immutable.
 */
public final class WrappedFileKey {
    private static final int BYTES = 32;

    private final byte[] share;
    private final byte[] body;

    private WrappedFileKey(byte[] share, byte[] body) {
        this.share = share;
        this.body = body;
    }

    /**
     * Reads both parts as they are in a header: 43 characters of base64 each.
     *
     * @throws AgeException of kind BAD_BASE64 or BAD_STANZA
     */
    public static WrappedFileKey parse(String share, String body) throws AgeException {
        WrappedFileKey key = new WrappedFileKey(CanonicalBase64.decode(share), CanonicalBase64.decode(body));
        if (key.share.length != BYTES || key.body.length != BYTES) {
            throw new AgeException(
                    AgeException.Kind.BAD_STANZA, "an X25519 stanza has a share and a body of 32 bytes each");
        }
        return key;
    }

    static WrappedFileKey of(Stanza stanza) {
        try {
            return new WrappedFileKey(
                    CanonicalBase64.decode(stanza.arguments().getFirst()),
                    stanza.body().clone());
        } catch (AgeException e) {
            throw new IllegalStateException("what was just encoded cannot be decoded", e);
        }
    }

    Stanza stanza() {
        return new Stanza(X25519Recipient.STANZA, List.of(share()), body);
    }

    /** The stanza's argument, in base64. */
    public String share() {
        return CanonicalBase64.encode(share);
    }

    /** The stanza's body, in base64. */
    public String body() {
        return CanonicalBase64.encode(body);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof WrappedFileKey that
                && Arrays.equals(share, that.share)
                && Arrays.equals(body, that.body);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(share);
    }

    @Override
    public String toString() {
        return share() + " " + body();
    }
}
