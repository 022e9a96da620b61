package io.holdfast.protocol;

/** What part the agent's node plays among the nodes of its instance. */
public enum NodeRole {
    /** It has the data that is written to: restores are made here. */
    PRIMARY,
    /** It follows the primary, closely: backups are made here. */
    REPLICA,
    /** It follows the primary, but gets no job: it is too far behind, or backups are to be made on the primary. */
    UNUSED_REPLICA
}
