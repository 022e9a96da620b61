package io.holdfast.format.manifest;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.holdfast.format.json.Json;
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
 * A manifest as it lies in the store: its JSON, and an Ed25519 signature over exactly those bytes.
 *
 * <p>The layout is fixed to the byte, so that what is signed is found without parsing JSON:
 * {@code {"manifest":<signed bytes>,"signature":{"key":"<64 digits>","value":"<base64>"}}} and a line feed. The key is
 * named by the SHA-256 of its X.509 encoding. Immutable.
 */
public final class SignedManifest {
    /** Largest file to read, in bytes. */
    public static final int LARGEST = 64 * 1024 * 1024;

    private static final byte[] START = "{\"manifest\":".getBytes(US_ASCII);
    private static final int END_BYTES = ",\"signature\":{\"key\":\"\",\"value\":\"\"}}\n".length() + 64 + 88;
    private static final Pattern END =
            Pattern.compile(",\"signature\":\\{\"key\":\"([0-9a-f]{64})\",\"value\":\"([A-Za-z0-9+/]{86}==)\"}}\n");
    private static final String ALGORITHM = "Ed25519";

    private final Manifest manifest;
    private final byte[] signed;
    private final String key;
    private final byte[] signature;

    private SignedManifest(Manifest manifest, byte[] signed, String key, byte[] signature) {
        this.manifest = manifest;
        this.signed = signed;
        this.key = key;
        this.signature = signature;
    }

    /**
     * The complete file for a manifest.
     *
     * @param keys a pair of Ed25519 keys; the public one is named in the file, so that readers find it
     * @throws IllegalArgumentException when it is not such a pair
     */
    public static byte[] sign(Manifest manifest, KeyPair keys) {
        byte[] content = Json.mapper().writeValueAsBytes(manifest);
        byte[] signature;
        try {
            Signature signer = Signature.getInstance(ALGORITHM);
            signer.initSign(keys.getPrivate());
            signer.update(content);
            signature = signer.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("the manifest cannot be signed with this key", e);
        }
        SignedManifest complete = new SignedManifest(manifest, content, fingerprint(keys.getPublic()), signature);
        if (!complete.isSignedBy(keys.getPublic())) {
            throw new IllegalArgumentException("the two keys are not a pair");
        }
        return complete.file();
    }

    private byte[] file() {
        byte[] end = (",\"signature\":{\"key\":\"" + key + "\",\"value\":\""
                        + Base64.getEncoder().encodeToString(signature) + "\"}}\n")
                .getBytes(US_ASCII);
        byte[] file = Arrays.copyOf(START, START.length + signed.length + end.length);
        System.arraycopy(signed, 0, file, START.length, signed.length);
        System.arraycopy(end, 0, file, START.length + signed.length, end.length);
        return file;
    }

    /**
     * Reads a file. That says nothing yet on whether it is authentic: see {@link #requireSignedBy}.
     *
     * @throws ManifestException of kind BAD_LAYOUT or BAD_CONTENT
     */
    public static SignedManifest parse(byte[] file) throws ManifestException {
        if (file.length > LARGEST || file.length < START.length + END_BYTES) {
            throw new ManifestException(ManifestException.Kind.BAD_LAYOUT, "not a manifest: its size is out of bounds");
        }
        int endsAt = file.length - END_BYTES;
        Matcher end = END.matcher(new String(file, endsAt, END_BYTES, US_ASCII));
        if (!Arrays.equals(Arrays.copyOf(file, START.length), START) || !end.matches()) {
            throw new ManifestException(ManifestException.Kind.BAD_LAYOUT, "not a manifest, or not a whole one");
        }
        byte[] signature = Base64.getDecoder().decode(end.group(2));
        if (!Base64.getEncoder().encodeToString(signature).equals(end.group(2))) {
            throw new ManifestException(ManifestException.Kind.BAD_LAYOUT, "the signature's base64 is not canonical");
        }
        byte[] signed = Arrays.copyOfRange(file, START.length, endsAt);
        return new SignedManifest(read(signed), signed, end.group(1), signature);
    }

    private static Manifest read(byte[] content) throws ManifestException {
        try {
            Manifest manifest = Json.mapper()
                    .readerFor(Manifest.class)
                    .with(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .readValue(content);
            if (manifest == null) {
                throw new ManifestException(ManifestException.Kind.BAD_CONTENT, "the manifest is null");
            }
            return manifest;
        } catch (JacksonException | IllegalArgumentException e) {
            throw new ManifestException(
                    ManifestException.Kind.BAD_CONTENT, "the manifest's content is not valid: " + e.getMessage(), e);
        }
    }

    /** What the file says. */
    public Manifest manifest() {
        return manifest;
    }

    /** Name of the key that it says to be signed with: SHA-256 of its X.509 encoding, in lower-case hexadecimal. */
    public String key() {
        return key;
    }

    /** Whether this key made the signature, over exactly this manifest. */
    public boolean isSignedBy(PublicKey trusted) {
        if (!fingerprint(trusted).equals(key)) {
            return false;
        }
        try {
            Signature verifier = Signature.getInstance(ALGORITHM);
            verifier.initVerify(trusted);
            verifier.update(signed);
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
     * Refuses a manifest that none of these keys signed.
     *
     * @throws ManifestException of kind UNKNOWN_SIGNER or BAD_SIGNATURE
     */
    public void requireSignedBy(Collection<? extends PublicKey> trusted) throws ManifestException {
        if (trusted.stream().noneMatch(candidate -> fingerprint(candidate).equals(key))) {
            throw new ManifestException(
                    ManifestException.Kind.UNKNOWN_SIGNER,
                    "the manifest says to be signed with a key that is not trusted: " + key);
        }
        if (trusted.stream().noneMatch(this::isSignedBy)) {
            throw new ManifestException(
                    ManifestException.Kind.BAD_SIGNATURE, "the manifest's signature does not fit: it was changed");
        }
    }

    /** The name by which manifests refer to a key: SHA-256 of its X.509 encoding, in lower-case hexadecimal. */
    public static String fingerprint(PublicKey key) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(key.getEncoded()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
