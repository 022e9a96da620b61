package io.holdfast.manager.retention;

import io.holdfast.manager.backup.BackupState;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the rules look at of a backup.
 *
 * @param id its number
 * @param madeAt when it was proven, or null while it is not, or when nobody knows
 * @param restsSince when the oldest of what it uses was stored, or null when it has brought all of it
 * @param sequence its place in the order of commits, or null likewise
 * @param held whether somebody holds it
 * @param inUse whether a restore needs it
 */
public record Copy(
        long id,
        BackupState state,
        @Nullable Instant madeAt,
        @Nullable Instant restsSince,
        @Nullable Long sequence,
        boolean held,
        boolean inUse) {}
