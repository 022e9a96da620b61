package io.holdfast.manager.transaction;

import java.time.Instant;
import java.util.function.Supplier;

/**
 * Transactions over all of the manager's state, whatever keeps it. May be used by any thread; a transaction belongs to its
 * thread, and what runs inside joins it. Methods throw {@link DatabaseUnreachable} when the state cannot be reached now.
 */
public interface Transactions {
    /**
     * Runs work in one writing transaction: all of it or, when it throws, nothing. No other runs meanwhile. Work that calls
     * this or the other again joins; what asks for all in the turn of one instance has that turn only.
     * Where several managers share the state the work may be run again from its beginning: outside the state it must not
     * change anything that a second run does not set right.
     */
    <T> T transaction(Supplier<T> work);

    /**
     * The same for work that decides by what belongs to one instance: no other transaction of this instance runs meanwhile,
     * nor one of all.
     *
     * @param instance its number
     */
    <T> T transaction(long instance, Supplier<T> work);

    /** Runs something once the present transaction is committed; at once when there is none. */
    void afterCommit(Runnable action);

    /** The time by which leases are judged, the same for all managers of one state. */
    Instant now();

    /** Lets go of the bytes of what was deleted. Not in a transaction. */
    void scrub();
}
