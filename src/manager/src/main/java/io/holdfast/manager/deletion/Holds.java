package io.holdfast.manager.deletion;

import io.holdfast.manager.backup.Backup;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What happens when somebody wants a backup kept, or not kept any longer. May be used by any thread. */
public final class Holds {
    private final DeletionTable table;

    public Holds(Deletions deletions) {
        this.table = deletions.table;
    }

    /**
     * Keeps a finished backup from being deleted; a hold that is there is replaced.
     *
     * @param until when the hold ends automatically, or null for never
     * @return false when it is not finished, or goes already
     */
    public boolean hold(Backup backup, String reason, @Nullable Instant until) {
        return table.hold(backup.id(), reason, until);
    }

    /** Ends a hold. Fine when there is none. */
    public void release(Backup backup) {
        table.release(backup.id());
    }
}
