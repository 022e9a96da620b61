package io.holdfast.manager.wire;

import io.holdfast.manager.jobs.JobKind;
import io.holdfast.manager.jobs.OpenJob;
import io.holdfast.manager.jobs.WaitReason;
import org.jspecify.annotations.Nullable;

/** What a job waits for, in words; the API and the pages say the same. */
public final class WaitingFor {
    private WaitingFor() {}

    /**
     * The words; null for a job that has begun.
     *
     * @param mostRunning how many jobs may run at once
     */
    public static @Nullable String text(OpenJob job, int mostRunning) {
        WaitReason reason = job.waitsFor();
        return reason == null
                ? null
                : switch (reason) {
                    case PAUSED -> "an operator to resume it";
                    case INSTANCE_BUSY -> "another job of the instance";
                    case NOT_DUE -> "its next attempt at " + job.notBefore();
                    case NO_AGENT -> "an agent: none of the instance was seen recently";
                    case NO_FIT_AGENT ->
                        job.kind() == JobKind.RESTORE
                                ? "the primary's agent: only those of replicas were seen recently"
                                : "a node to make it on: only replicas were seen recently that are too far behind, or not"
                                        + " to be used";
                    case MOST_RUNNING -> "other jobs to end: at most " + mostRunning + " may run at once";
                    case ITS_AGENT -> "its agent to take it";
                };
    }
}
