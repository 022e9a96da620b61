package io.holdfast.format.instance;

import io.holdfast.format.signed.SignedFile;
import io.holdfast.format.signed.SignedFileException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.util.Collection;

/** An instance's record as it is stored: a {@link SignedFile} of the name {@code instance}. */
public final class SignedInstanceRecord {
    /** Largest file to read, in bytes. */
    public static final int LARGEST = 16 * 1024 * 1024;

    private static final String NAME = "instance";

    private SignedInstanceRecord() {}

    /**
     * The complete file for a record. The same record and keys always give the same bytes.
     *
     * @param keys a pair of Ed25519 keys
     * @throws IllegalArgumentException when it is not such a pair
     */
    public static byte[] sign(InstanceRecord instance, KeyPair keys) {
        return SignedFile.sign(NAME, instance, keys);
    }

    /**
     * Reads a file and refuses it unless one of these keys signed it, and unless it is of this instance.
     *
     * @throws SignedFileException of kind BAD_LAYOUT, BAD_CONTENT, UNKNOWN_SIGNER or BAD_SIGNATURE
     */
    public static InstanceRecord read(byte[] file, String instanceId, Collection<? extends PublicKey> trusted)
            throws SignedFileException {
        SignedFile signed = SignedFile.parse(NAME, file, LARGEST);
        signed.requireSignedBy(trusted);
        InstanceRecord found = signed.read(InstanceRecord.class);
        if (!found.instanceId().equals(instanceId)) {
            throw SignedFileException.anothers("the record is that of instance " + found.instanceId());
        }
        return found;
    }
}
