package io.holdfast.manager.backup;

/** What reading a backup back can prove. */
public enum Proof {
    /** It was decrypted and decompressed to its end. */
    DECRYPTED,
    /** Sizes and hashes are those of what was made; the manager has no key to decrypt it. */
    CIPHERTEXT
}
