package io.holdfast.format.age;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.SecureRandom;
import java.util.List;

/**
 * Encrypts to recipients and decrypts with identities. Streams of any size at constant memory (about 200 KiB each).
 *
 * <p>The methods may be called from any thread; each stream belongs to one thread at a time.
 */
public final class Age {
    private static final int X25519_STANZA_BYTES = 98;
    private static final int END_LINE_BYTES = 48;

    private Age() {}

    /**
     * Writes the header now and encrypts what is written to the answered stream. Closing that writes the final chunk
     * and closes {@code out}; a stream that was not closed leaves a file that every reader refuses.
     *
     * @throws IllegalArgumentException when there is no recipient, too many, or a passphrase beside another one
     */
    public static OutputStream encrypt(OutputStream out, List<? extends Recipient> recipients, SecureRandom random)
            throws IOException {
        FileKey fileKey = FileKey.random(random);
        return encrypt(out, fileKey, Header.wrap(fileKey, recipients, random), random);
    }

    private static OutputStream encrypt(OutputStream out, FileKey fileKey, List<Stanza> stanzas, SecureRandom random)
            throws IOException {
        byte[] salt = new byte[Payload.SALT_BYTES];
        random.nextBytes(salt);
        out.write(Header.write(fileKey, stanzas));
        return new PayloadWriter(out, fileKey, salt);
    }

    /**
     * A file that is being written.
     *
     * @param payload as {@link #encrypt} answers
     * @param forFirst what the header has for the first recipient
     */
    public record Encryption(OutputStream payload, WrappedFileKey forFirst) {}

    /** As {@link #encrypt}, for those who keep elsewhere too what opens the file. */
    public static Encryption begin(OutputStream out, List<X25519Recipient> recipients, SecureRandom random)
            throws IOException {
        FileKey fileKey = FileKey.random(random);
        List<Stanza> stanzas = Header.wrap(fileKey, recipients, random);
        return new Encryption(encrypt(out, fileKey, stanzas, random), WrappedFileKey.of(stanzas.getFirst()));
    }

    /**
     * Reads and checks the header now, and decrypts the rest as it is read. Armored input is recognized. Closing the
     * answered stream closes {@code in}.
     *
     * @throws AgeException when the file is not one for these identities; reads of the answered stream throw it too
     */
    public static InputStream decrypt(InputStream in, List<? extends Identity> identities) throws IOException {
        InputStream binary = ArmorReader.unwrap(in);
        FileKey fileKey = HeaderReader.read(binary).open(identities);
        return new PayloadReader(binary, fileKey);
    }

    /**
     * As {@link #decrypt(InputStream, List)}, but with the secret of this one file: of kind BAD_MAC when it is that of
     * another one.
     */
    public static InputStream decrypt(InputStream in, FileKey key) throws IOException {
        InputStream binary = ArmorReader.unwrap(in);
        HeaderReader.read(binary).requireMac(key);
        return new PayloadReader(binary, key);
    }

    /** Reads the header only, checks it, and answers the secret of the file. Reads ahead no further than that. */
    public static FileKey fileKey(InputStream in, List<? extends Identity> identities) throws IOException {
        return HeaderReader.read(ArmorReader.unwrap(in)).open(identities);
    }

    /** Turns bytes into age's text form. Closing the answered stream writes the last line and closes {@code out}. */
    public static OutputStream armor(OutputStream out) throws IOException {
        return new ArmorWriter(out);
    }

    /** Exact size in bytes of an unarmored file that holds so many plaintext bytes for so many X25519 recipients. */
    public static long encryptedBytes(int recipients, long plaintextBytes) {
        long header = Header.VERSION_LINE.length() + (long) recipients * X25519_STANZA_BYTES + END_LINE_BYTES;
        long chunks = Math.max(1, Math.ceilDiv(plaintextBytes, Payload.CHUNK_BYTES));
        return header + Payload.SALT_BYTES + plaintextBytes + chunks * Primitives.TAG_BYTES;
    }
}
