package io.holdfast.manager.backup;

/** Where reading a backup back is. */
public enum Verification {
    NONE,
    QUEUED,
    RUNNING,
    PASSED,
    FAILED
}
