package io.holdfast.manager.keys;

/** Who keeps an instance's keys. */
public enum Custody {
    /** The manager can open them: restores and reading back need nobody. */
    MANAGED,
    /** Only the user's passphrase opens them, and the offline recovery identities, where there are any. */
    USER
}
