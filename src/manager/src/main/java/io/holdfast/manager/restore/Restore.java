package io.holdfast.manager.restore;

import io.holdfast.manager.jobs.Job;
import io.holdfast.protocol.JobFailure;
import org.jspecify.annotations.Nullable;

/**
 * A restore with its job.
 *
 * @param id its number in the API
 * @param backup the number of the backup that is restored
 * @param backupName that backup's name in the store
 * @param liveData what the instance holds when the restore has failed: not what an attempt said that another one followed
 * @param result what the agent reported, as JSON, once done
 * @param skipBroken whether somebody has asked that what cannot come back is left out
 * @param job what does it, or has done it
 */
public record Restore(
        long id,
        long instance,
        long backup,
        String backupName,
        JobFailure.@Nullable LiveData liveData,
        @Nullable String result,
        boolean skipBroken,
        Job job) {}
