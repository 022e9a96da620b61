package io.holdfast.manager.jobs;

/** What a job does. */
public enum JobKind {
    BACKUP,
    RESTORE
}
