package io.holdfast.manager.restore;

import io.holdfast.manager.jobs.JobState;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.Phase;
import java.time.Instant;
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
 */
public record Restore(
        long id,
        long instance,
        long backup,
        String backupName,
        long job,
        JobFailure.@Nullable LiveData liveData,
        @Nullable String result,
        boolean skipBroken,
        Instant createdAt,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt,
        JobState state,
        int epoch,
        @Nullable Phase phase,
        @Nullable String detail,
        long bytesIn,
        long bytesOut,
        @Nullable Long estimatedBytes,
        @Nullable FailureCode code,
        @Nullable String message,
        @Nullable String hint) {}
