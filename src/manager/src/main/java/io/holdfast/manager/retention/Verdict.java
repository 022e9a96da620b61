package io.holdfast.manager.retention;

import java.util.Set;

/**
 * What is to be done with a backup.
 *
 * @param copy the backup
 * @param reasons all that keep it; none when it goes
 */
public record Verdict(Copy copy, Set<KeepReason> reasons) {
    public Verdict {
        reasons = Set.copyOf(reasons);
    }

    /** Whether it is deleted. */
    public boolean goes() {
        return reasons.isEmpty();
    }
}
