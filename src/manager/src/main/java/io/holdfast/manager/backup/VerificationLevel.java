package io.holdfast.manager.backup;

/** How much of a backup a verification has checked. */
public enum VerificationLevel {
    /** It was decrypted and decompressed to its end. */
    DECRYPTED,
    /** Sizes and hashes are those of what was made; the manager has no key to decrypt it. */
    CIPHERTEXT
}
