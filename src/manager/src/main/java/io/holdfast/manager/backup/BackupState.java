package io.holdfast.manager.backup;

/** Where a backup is. */
public enum BackupState {
    PENDING,
    /** The agent sent everything; nothing is proven yet. */
    UPLOADED,
    /** The store has what the agent sent, and the manifest is written. */
    DONE,
    /** It was read back, decrypted and decompressed to its end. */
    VERIFIED,
    /** Reading it back found damage. */
    SUSPECT,
    FAILED,
    DELETING,
    DELETED;

    /** Whether it counts as a good one and may be restored. */
    public boolean isGood() {
        return this == DONE || this == VERIFIED;
    }

    /** Whether it is finished and not deleted: a manifest of it has to be in the store. */
    public boolean isListed() {
        return isGood() || this == SUSPECT;
    }
}
