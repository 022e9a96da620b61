package io.holdfast.manager.backup;

/** Where reading a backup back is. */
public enum VerificationState {
    NONE,
    QUEUED,
    RUNNING,
    PASSED,
    FAILED
}
