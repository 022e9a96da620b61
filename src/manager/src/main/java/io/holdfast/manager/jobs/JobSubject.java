package io.holdfast.manager.jobs;

import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure.LiveData;
import org.jspecify.annotations.Nullable;

/** What jobs of one kind are for. Hears of each attempt that ends without success, in the transaction of its end. */
public interface JobSubject {
    /**
     * An attempt has ended without success.
     *
     * @param job as it was before
     * @param now where it is now: waiting for another attempt, or at its end
     * @param reason why it failed; null when it was cancelled before it began
     * @param liveData what the instance holds now; null when nobody has said so
     */
    void attemptEnded(Job job, JobState now, @Nullable FailureCode reason, @Nullable LiveData liveData);
}
