package io.holdfast.manager.jobs;

/**
 * Why a job of the queue does not begin. The claim of an agent gets what none of these holds back, and people are told
 * the first that does.
 */
public enum WaitReason {
    /** An operator has stopped it. */
    PAUSED,
    /** Another job of its instance has not ended. */
    INSTANCE_BUSY,
    /** Its next attempt is later. */
    NOT_DUE,
    /** No agent of its instance was seen recently. */
    NO_AGENT,
    /** None of those that were has a node that it may be given to. */
    NO_FIT_AGENT,
    /** As many run as may at once. */
    MOST_RUNNING,
    /** Nothing: the next agent that asks gets it. */
    ITS_AGENT
}
