package io.holdfast.manager.catalogue;

import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.jobs.JobState;

/**
 * Where a backup is, and where its job is.
 *
 * @param deletionAsked whether anybody, or a rule, asked for its deletion
 */
public record Standing(long id, String backupId, BackupState state, JobState jobState, boolean deletionAsked) {}
