package io.holdfast.agent.attempt;

/**
 * The places where a crash of the agent is worth a test: right after each of its steps that others can see. The
 * acceptance test lets the agent die at each of them and fails when one was not reached.
 */
public enum CrashPoint {
    /** A job was claimed, nothing is done yet. */
    JOB_CLAIMED,
    /** A backup's first segment is in the store. */
    FIRST_SEGMENT_UPLOADED,
    /** All artifacts are uploaded, the manager does not know yet. */
    BEFORE_BACKUP_COMPLETE,
    /** The manager has accepted the backup. */
    AFTER_BACKUP_COMPLETE,
    /** The restore's journal was opened. */
    STAGING_BEGUN,
    /** Roles that the backup needs were created. */
    ROLES_CREATED,
    /** The first database is staged. */
    DATABASE_STAGED,
    /** Everything is staged, live data is untouched. */
    STAGED,
    /** The journal says that live data is being replaced. */
    SWAPPING_WRITTEN,
    /** Live data cannot be reached any more, and the restored data cannot yet. */
    LIVE_DATA_CLOSED,
    /** The restored data has the place of the live data. */
    SWAPPED,
    /** The restored data was checked in its place, and the journal says so. */
    VALIDATED,
    /** Users have the restored data, the journal does not yet say that the restore is committed. */
    OPENED,
    /** The journal says that the restore is committed. */
    COMMITTED,
    /** The manager has accepted the restore, the journal still lies there. */
    RESTORE_REPORTED,
    /** The journal says that the restore is being taken back. Reached only when validation fails. */
    ROLLING_BACK,
    /** The old data has its place back. Reached only when validation fails. */
    ROLLED_BACK
}
