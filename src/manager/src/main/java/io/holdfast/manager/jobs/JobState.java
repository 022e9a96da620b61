package io.holdfast.manager.jobs;

/** Where a job is. */
public enum JobState {
    QUEUED,
    RUNNING,
    /** Uploaded; the manager checks the store and writes the manifest. */
    COMMITTING,
    DONE,
    FAILED,
    CANCELLED
}
