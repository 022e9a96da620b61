package io.holdfast.cli.manager;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A service instance as the API shows it. */
public record Instance(
        String instanceId,
        @Nullable String service,
        @Nullable String state,
        @Nullable Instant lastGoodBackupAt,
        @Nullable Instant lastVerifiedAt,
        @Nullable Boolean excludeFromAutoBackup,
        @Nullable Integer agentsOnline,
        @Nullable String owner,
        @Nullable Boolean ownerUnknown,
        @Nullable Schedule schedule,
        @Nullable Instant nextBackupAt) {
    /**
     * When backups are scheduled.
     *
     * @param own whether it is the instance's, or the platform's
     */
    public record Schedule(String cron, String timeZone, boolean own) {}
}
