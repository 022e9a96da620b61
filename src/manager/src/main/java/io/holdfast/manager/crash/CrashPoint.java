package io.holdfast.manager.crash;

/** Every place in the manager at which a crash has to be survived. The acceptance tests crash it at each of them. */
public enum CrashPoint {
    BACKUP_QUEUED,
    KEY_MADE_NOT_STORED,
    KEY_WRAPPED_NOT_STORED,
    JOB_LEASED,
    UPLOADS_ALLOWED,
    BACKUP_REPORTED,
    SEGMENTS_PROVEN,
    MANIFEST_PREPARED,
    LIST_WRITTEN,
    MANIFEST_WRITTEN,
    BACKUP_DONE,
    RESTORE_QUEUED,
    DOWNLOADS_ALLOWED,
    CUT_OVER_GRANTED,
    RESTORE_REPORTED
}
