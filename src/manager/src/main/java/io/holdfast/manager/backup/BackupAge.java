package io.holdfast.manager.backup;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What rules look at of a backup.
 *
 * @param finishedAt when it was proven; null for one that never was
 * @param restsSince when the oldest of what it uses was stored; null where nobody has noted that, as before backups shared
 *     anything
 */
public record BackupAge(
        long id,
        String backupId,
        BackupState state,
        @Nullable Long sequence,
        @Nullable Instant finishedAt,
        @Nullable Instant restsSince,
        @Nullable Instant heldAt,
        @Nullable Instant holdUntil) {
    /** Whether somebody holds it at a moment. */
    public boolean isHeld(Instant now) {
        return heldAt != null && (holdUntil == null || holdUntil.isAfter(now));
    }
}
