package io.holdfast.manager.instance;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An instance as lists show it.
 *
 * @param lastGoodBackupAt when the newest restorable backup was finished, or null
 * @param lastVerifiedAt when a backup of it was last read back, or null
 * @param agentsOnline how many of its agents were seen lately
 * @param snapshotsSeenAt when its agent could last look at the service's own repository, or first could not; null when
 *     it has none
 * @param snapshotsFailure why it cannot now, or null
 * @param owner who registered it, or null
 * @param ownerUnknown whether nobody knows whose it is
 */
public record InstanceOverview(
        long id,
        String instanceId,
        String service,
        boolean excluded,
        Instant createdAt,
        @Nullable Instant deletedAt,
        @Nullable Instant lastGoodBackupAt,
        @Nullable Instant lastVerifiedAt,
        int agentsOnline,
        @Nullable Instant snapshotsSeenAt,
        @Nullable String snapshotsFailure,
        @Nullable String owner,
        boolean ownerUnknown) {}
