package io.holdfast.format.signed;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.holdfast.format.json.Json;
import io.holdfast.format.signed.SignedFileException.Kind;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;

/**
 * A JSON document as it is stored, and an Ed25519 signature over exactly its bytes.
 *
 * <p>The layout is fixed to the byte, so that what is signed is found without parsing JSON:
 * {@code {"<name>":<signed bytes>,"signature":{"key":"<64 digits>","value":"<base64>"}}} and a line feed. The key is named
 * by the SHA-256 of its X.509 encoding. The name is not signed: what a document is, and of what, its content says.
 * Immutable.
 */
public final class SignedFile {
    private static final int END_BYTES = ",\"signature\":{\"key\":\"\",\"value\":\"\"}}\n".length() + 64 + 88;
    private static final Pattern END =
            Pattern.compile(",\"signature\":\\{\"key\":\"([0-9a-f]{64})\",\"value\":\"([A-Za-z0-9+/]{86}==)\"}}\n");
    private static final String ALGORITHM = "Ed25519";

    private final String name;
    private final byte[] content;
    private final String key;
    private final byte[] signature;

    private SignedFile(String name, byte[] content, String key, byte[] signature) {
        this.name = name;
        this.content = content;
        this.key = key;
        this.signature = signature;
    }

    /**
     * The complete file for a document.
     *
     * @param name what the document is, such as {@code manifest}: a word of small letters
     * @param keys a pair of Ed25519 keys; the public one is named in the file, so that readers find it
     * @throws IllegalArgumentException when it is not such a pair
     */
    public static byte[] sign(String name, Object document, KeyPair keys) {
        byte[] content = Json.mapper().writeValueAsBytes(document);
        byte[] signature;
        try {
            Signature signer = Signature.getInstance(ALGORITHM);
            signer.initSign(keys.getPrivate());
            signer.update(content);
            signature = signer.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("the " + name + " cannot be signed with this key", e);
        }
        SignedFile complete = new SignedFile(name, content, fingerprint(keys.getPublic()), signature);
        if (!complete.isSignedBy(keys.getPublic())) {
            throw new IllegalArgumentException("the two keys are not a pair");
        }
        return complete.file();
    }

    private byte[] file() {
        byte[] start = start(name);
        byte[] end = (",\"signature\":{\"key\":\"" + key + "\",\"value\":\""
                        + Base64.getEncoder().encodeToString(signature) + "\"}}\n")
                .getBytes(US_ASCII);
        byte[] file = Arrays.copyOf(start, start.length + content.length + end.length);
        System.arraycopy(content, 0, file, start.length, content.length);
        System.arraycopy(end, 0, file, start.length + content.length, end.length);
        return file;
    }

    private static byte[] start(String name) {
        return ("{\"" + name + "\":").getBytes(US_ASCII);
    }

    /**
     * Takes a file apart. That says nothing yet on whether it is authentic: see {@link #requireSignedBy}.
     *
     * @param largest most bytes of a file of this kind
     * @throws SignedFileException of kind BAD_LAYOUT
     */
    public static SignedFile parse(String name, byte[] file, int largest) throws SignedFileException {
        byte[] start = start(name);
        if (file.length > largest || file.length < start.length + END_BYTES) {
            throw bad(Kind.BAD_LAYOUT, "not a " + name + ": its size is out of bounds");
        }
        int endsAt = file.length - END_BYTES;
        Matcher end = END.matcher(new String(file, endsAt, END_BYTES, US_ASCII));
        if (!Arrays.equals(Arrays.copyOf(file, start.length), start) || !end.matches()) {
            throw bad(Kind.BAD_LAYOUT, "not a " + name + ", or not a whole one");
        }
        byte[] signature = Base64.getDecoder().decode(end.group(2));
        if (!Base64.getEncoder().encodeToString(signature).equals(end.group(2))) {
            throw bad(Kind.BAD_LAYOUT, "the signature's base64 is not canonical");
        }
        return new SignedFile(name, Arrays.copyOfRange(file, start.length, endsAt), end.group(1), signature);
    }

    /**
     * What the document says. A name that stands twice in it is refused, like one that is not known.
     *
     * @throws SignedFileException of kind BAD_CONTENT
     */
    public <T> T read(Class<T> type) throws SignedFileException {
        try {
            T document = Json.mapper()
                    .readerFor(type)
                    .with(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .readValue(content);
            if (document == null) {
                throw bad(Kind.BAD_CONTENT, "the " + name + " is null");
            }
            return document;
        } catch (JacksonException | IllegalArgumentException e) {
            throw new SignedFileException(
                    Kind.BAD_CONTENT, "the " + name + "'s content is not valid: " + e.getMessage(), e);
        }
    }

    /** Name of the key that it says to be signed with: SHA-256 of its X.509 encoding, in lower-case hexadecimal. */
    public String key() {
        return key;
    }

    /** Whether this key made the signature, over exactly this content. */
    public boolean isSignedBy(PublicKey trusted) {
        if (!fingerprint(trusted).equals(key)) {
            return false;
        }
        try {
            Signature verifier = Signature.getInstance(ALGORITHM);
            verifier.initVerify(trusted);
            verifier.update(content);
            return verifier.verify(signature);
        } catch (SignatureException e) {
            return false;
        } catch (InvalidKeyException e) {
            throw new IllegalArgumentException("not an Ed25519 key", e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no Ed25519", e);
        }
    }

    /**
     * Refuses a file that none of these keys signed.
     *
     * @throws SignedFileException of kind UNKNOWN_SIGNER or BAD_SIGNATURE
     */
    public void requireSignedBy(Collection<? extends PublicKey> trusted) throws SignedFileException {
        if (trusted.stream().noneMatch(candidate -> fingerprint(candidate).equals(key))) {
            throw bad(Kind.UNKNOWN_SIGNER, "the " + name + " says to be signed with a key that is not trusted: " + key);
        }
        if (trusted.stream().noneMatch(this::isSignedBy)) {
            throw bad(Kind.BAD_SIGNATURE, "the " + name + "'s signature does not fit: it was changed");
        }
    }

    /** The name by which files refer to a key: SHA-256 of its X.509 encoding, in lower-case hexadecimal. */
    public static String fingerprint(PublicKey key) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(key.getEncoded()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static SignedFileException bad(Kind kind, String message) {
        return new SignedFileException(kind, message, null);
    }
}
