package io.holdfast.format.manifest;

import io.holdfast.format.signed.SignedFile;
import io.holdfast.format.signed.SignedFileException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.util.Collection;

/** A manifest as it is stored: a {@link SignedFile} of the name {@code manifest}. Immutable. */
public final class SignedManifest {
    /** Largest file to read, in bytes. */
    public static final int LARGEST = 64 * 1024 * 1024;

    private static final String NAME = "manifest";

    private final SignedFile file;
    private final Manifest manifest;

    private SignedManifest(SignedFile file, Manifest manifest) {
        this.file = file;
        this.manifest = manifest;
    }

    /**
     * The complete file for a manifest.
     *
     * @param keys a pair of Ed25519 keys; the public one is named in the file, so that readers find it
     * @throws IllegalArgumentException when it is not such a pair
     */
    public static byte[] sign(Manifest manifest, KeyPair keys) {
        return SignedFile.sign(NAME, manifest, keys);
    }

    /**
     * Reads a file. That says nothing yet on whether it is authentic: see {@link #requireSignedBy}.
     *
     * @throws SignedFileException of kind BAD_LAYOUT or BAD_CONTENT
     */
    public static SignedManifest parse(byte[] file) throws SignedFileException {
        SignedFile signed = SignedFile.parse(NAME, file, LARGEST);
        return new SignedManifest(signed, signed.read(Manifest.class));
    }

    /** What the file says. */
    public Manifest manifest() {
        return manifest;
    }

    /** Name of the key that it says to be signed with: SHA-256 of its X.509 encoding, in lower-case hexadecimal. */
    public String key() {
        return file.key();
    }

    /** Whether this key made the signature, over exactly this manifest. */
    public boolean isSignedBy(PublicKey trusted) {
        return file.isSignedBy(trusted);
    }

    /**
     * Refuses a manifest that none of these keys signed.
     *
     * @throws SignedFileException of kind UNKNOWN_SIGNER or BAD_SIGNATURE
     */
    public void requireSignedBy(Collection<? extends PublicKey> trusted) throws SignedFileException {
        file.requireSignedBy(trusted);
    }
}
