package io.holdfast.manager.jobs;

import io.holdfast.protocol.Phase;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A job that has not ended.
 *
 * @param backup the number of the backup that it makes, or null
 * @param restore the number of the restore that it does, or null
 * @param notBefore when it may begin
 * @param waitsFor why it does not begin; null for one that has begun
 * @param attemptAt when its latest attempt began, or null
 */
public record OpenJob(
        long id,
        String instanceId,
        JobKind kind,
        JobState state,
        int place,
        int epoch,
        @Nullable Long backup,
        @Nullable Long restore,
        @Nullable Phase phase,
        @Nullable String detail,
        long bytesIn,
        long bytesOut,
        @Nullable Long estimatedBytes,
        boolean cancelRequested,
        @Nullable String message,
        Instant createdAt,
        @Nullable Instant startedAt,
        @Nullable Instant attemptAt,
        Instant notBefore,
        @Nullable WaitReason waitsFor) {}
