package io.holdfast.manager.transaction;

import java.time.Instant;
import java.util.function.Supplier;

/**
 * Transactions over all of the manager's state, whatever keeps it. May be used by any thread; a transaction belongs to its
 * thread, and what runs inside joins it. Methods throw {@link DatabaseUnreachable} when the state cannot be reached now.
 */
public interface Transactions {
    /**
     * Runs work in one writing transaction: all of it or, when it throws, nothing. Work that calls this again joins.
     * Where several managers share the state the work may be run again from its beginning: outside the state it must not
     * change anything that a second run does not set right.
     */
    <T> T transaction(Supplier<T> work);

    /** Runs something once the present transaction is committed; at once when there is none. */
    void afterCommit(Runnable action);

    /** The time by which leases are judged, the same for all managers of one state. */
    Instant now();

    /** Lets go of the bytes of what was deleted. Not in a transaction. */
    void scrub();
}
