package io.holdfast.manager.crash;

/** Every place in the manager at which a crash has to be survived. The acceptance tests crash it at each of them. */
public enum CrashPoint {
    BACKUP_QUEUED,
    KEY_MADE_NOT_STORED,
    KEY_WRAPPED_NOT_STORED,
    JOB_LEASED,
    UPLOAD_CREATED_NOT_NOTED,
    PART_ALLOWED,
    BACKUP_REPORTED,
    UPLOADS_COMPLETED,
    MANIFEST_PREPARED,
    MANIFEST_WRITTEN,
    BACKUP_DONE,
    RESTORE_QUEUED,
    FILE_KEYS_TAKEN,
    CUT_OVER_GRANTED,
    RESTORE_REPORTED
}
