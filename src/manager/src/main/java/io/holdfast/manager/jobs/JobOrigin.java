package io.holdfast.manager.jobs;

/** Who asked for a job. */
public enum JobOrigin {
    REQUEST,
    SCHEDULE
}
