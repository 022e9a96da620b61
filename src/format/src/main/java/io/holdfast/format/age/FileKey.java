package io.holdfast.format.age;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;

/** The 16-byte secret of one age file; whoever has it can read that file and no other. Immutable. */
public final class FileKey {
    /** Length in bytes. */
    public static final int BYTES = 16;

    private final byte[] key;

    private FileKey(byte[] key) {
        this.key = key;
    }

    /**
     * The file key with these bytes, which are copied.
     *
     * @throws IllegalArgumentException when they are not 16
     */
    public static FileKey of(byte[] key) {
        if (key.length != BYTES) {
            throw new IllegalArgumentException("a file key has 16 bytes, not " + key.length);
        }
        return new FileKey(key.clone());
    }

    static FileKey random(SecureRandom random) {
        byte[] key = new byte[BYTES];
        random.nextBytes(key);
        return new FileKey(key);
    }

    /** A copy of the secret bytes. */
    public byte[] bytes() {
        return key.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FileKey that && MessageDigest.isEqual(key, that.key);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(key);
    }

    @Override
    public String toString() {
        return "FileKey[hidden]";
    }
}
