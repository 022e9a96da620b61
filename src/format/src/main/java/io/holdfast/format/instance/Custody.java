package io.holdfast.format.instance;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Who keeps the identities of an instance's key versions. */
public enum Custody {
    /** The manager can open them: restores and verification need nobody. */
    @JsonProperty("managed")
    MANAGED,
    /** Only the user's passphrase opens them, and the offline recovery identities, where there are any. */
    @JsonProperty("user")
    USER
}
