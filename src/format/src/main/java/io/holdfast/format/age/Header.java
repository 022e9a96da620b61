package io.holdfast.format.age;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The first part of an age file: for each recipient a stanza with the wrapped file key, and a MAC over all of it.
 */
final class Header {
    static final String VERSION_LINE = "age-encryption.org/v1\n";
    static final String STANZA_START = "-> ";
    static final String END_START = "---";
    static final int COLUMNS = 64;
    static final int MAC_BYTES = 32;
    /** Longest header to read or write, in bytes: more than 600 recipients. */
    static final int LARGEST = 64 * 1024;

    private static final byte[] MAC_INFO = "header".getBytes(US_ASCII);

    private final List<Stanza> stanzas;
    private final byte[] sealed;
    private final byte[] mac;

    /**
     * A header as it was read.
     *
     * @param stanzas in the order of the file
     * @param sealed the bytes that the MAC is over: the whole text up to and with the three dashes of its last line
     * @param mac as it is in the file, not yet checked
     */
    Header(List<Stanza> stanzas, byte[] sealed, byte[] mac) {
        this.stanzas = List.copyOf(stanzas);
        this.sealed = sealed;
        this.mac = mac;
    }

    /** The file key for each recipient, in this order. */
    static List<Stanza> wrap(FileKey fileKey, List<? extends Recipient> recipients, SecureRandom random) {
        if (recipients.isEmpty()) {
            throw new IllegalArgumentException("a file needs a recipient");
        }
        if (recipients.size() > 1 && recipients.stream().anyMatch(PassphraseRecipient.class::isInstance)) {
            throw new IllegalArgumentException("a passphrase must be a file's only recipient");
        }
        List<Stanza> stanzas = new ArrayList<>();
        for (Recipient recipient : recipients) {
            stanzas.add(
                    switch (recipient) {
                        case X25519Recipient x25519 -> x25519.wrap(fileKey, random);
                        case PassphraseRecipient passphrase -> passphrase.wrap(fileKey, random);
                    });
        }
        return stanzas;
    }

    /** The complete text of a new header. */
    static byte[] write(FileKey fileKey, List<Stanza> stanzas) {
        StringBuilder text = new StringBuilder(VERSION_LINE);
        stanzas.forEach(stanza -> append(text, stanza));
        text.append(END_START);
        byte[] mac = mac(fileKey, text.toString().getBytes(US_ASCII));
        text.append(' ').append(CanonicalBase64.encode(mac)).append('\n');
        if (text.length() > LARGEST) {
            throw new IllegalArgumentException("too many recipients for one file: " + stanzas.size());
        }
        return text.toString().getBytes(US_ASCII);
    }

    private static void append(StringBuilder text, Stanza stanza) {
        text.append(STANZA_START).append(stanza.type());
        stanza.arguments().forEach(argument -> text.append(' ').append(argument));
        text.append('\n');
        String body = CanonicalBase64.encode(stanza.body());
        for (int start = 0; start <= body.length(); start += COLUMNS) {
            text.append(body, start, Math.min(start + COLUMNS, body.length())).append('\n');
        }
    }

    /** The file key as the first fitting identity opens it, with the MAC checked. */
    FileKey open(List<? extends Identity> identities) throws AgeException {
        List<FileKey> found = new ArrayList<>();
        for (Identity identity : identities) {
            for (Stanza stanza : stanzas) {
                FileKey fileKey = unwrap(identity, stanza);
                if (fileKey != null) {
                    found.add(fileKey);
                }
            }
        }
        if (found.isEmpty()) {
            throw noKey(identities);
        }
        requireMac(found.getFirst());
        return found.getFirst();
    }

    private static @Nullable FileKey unwrap(Identity identity, Stanza stanza) throws AgeException {
        return switch (identity) {
            case X25519Identity x25519 when stanza.type().equals(X25519Recipient.STANZA) -> x25519.unwrap(stanza);
            case PassphraseIdentity passphrase
            when stanza.type().equals(PassphraseRecipient.STANZA) -> passphrase.unwrap(stanza);
            case X25519Identity _, PassphraseIdentity _ -> null;
        };
    }

    private AgeException noKey(List<? extends Identity> identities) {
        boolean forPassphrase =
                stanzas.stream().anyMatch(stanza -> stanza.type().equals(PassphraseRecipient.STANZA));
        boolean forKeys = stanzas.stream().anyMatch(stanza -> stanza.type().equals(X25519Recipient.STANZA));
        boolean withPassphrase = identities.stream().anyMatch(PassphraseIdentity.class::isInstance);
        if (forPassphrase && withPassphrase) {
            return new AgeException(AgeException.Kind.WRONG_PASSPHRASE, "the passphrase does not fit this file");
        }
        if (forPassphrase) {
            return new AgeException(
                    AgeException.Kind.NO_MATCHING_KEY, "the file is encrypted with a passphrase, not to a key");
        }
        if (forKeys) {
            return new AgeException(AgeException.Kind.NO_MATCHING_KEY, "no key at hand fits this file");
        }
        return new AgeException(
                AgeException.Kind.UNSUPPORTED_RECIPIENT,
                "the file is encrypted only to recipients of types that are not supported here");
    }

    /** Refuses a header that was not made with this file key, or was changed since. */
    void requireMac(FileKey fileKey) throws AgeException {
        if (!MessageDigest.isEqual(mac(fileKey, sealed), mac)) {
            throw new AgeException(
                    AgeException.Kind.BAD_MAC,
                    "the header is not authentic: it was changed, or the key is that of another file");
        }
    }

    private static byte[] mac(FileKey fileKey, byte[] sealed) {
        return Primitives.hmac(Primitives.hkdf(fileKey.bytes(), new byte[0], MAC_INFO), sealed);
    }
}
