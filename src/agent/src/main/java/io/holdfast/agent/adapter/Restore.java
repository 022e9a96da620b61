package io.holdfast.agent.adapter;

import java.io.IOException;
import java.util.List;

/**
 * A restore in its phases. Up to and with {@link #save} live data is untouched and {@link #discard} undoes all of it.
 * {@link #swap} is all or nothing. After it, either {@link #validate} and {@link #commit}, or {@link #rollBack}. Each
 * step but the staging may be repeated after a crash: it looks at what is there. Closing it undoes nothing.
 */
public interface Restore extends AutoCloseable {
    /** Checks that the restore can work, before anything is changed. */
    void preflight(RestoreOrder order) throws IOException, InterruptedException;

    /** Brings all of the backup in beside the live data, and checks it there. */
    void stage(RestoreOrder order) throws IOException, InterruptedException;

    /** Whether {@link #save} does anything. */
    default boolean savesFirst() {
        return false;
    }

    /**
     * Copies what will be replaced, and stops the service, while the restore can still be cancelled: for services whose
     * copy is made while they run. Those that copy, or keep, what they replace in the swap itself do nothing here.
     */
    default void save() throws IOException, InterruptedException {
        // Most save in the swap.
    }

    /** Whether the restored data is the live data now, as the service itself says. */
    boolean swapped() throws IOException, InterruptedException;

    /** Replaces live data by staged data. The journal says {@code SWAPPING} before anything is touched. */
    void swap() throws IOException, InterruptedException;

    /** Checks the restored data in its place; throws when it is not as it should be. */
    void validate() throws IOException, InterruptedException;

    /** Clears away what the restore needed; keeps the replaced data for its time. */
    Outcome commit() throws IOException, InterruptedException;

    /** Puts the replaced data back in its place, whatever was done, and clears away the rest. */
    void rollBack() throws IOException, InterruptedException;

    /** Clears away all that was staged; live data must not have been replaced. */
    void discard() throws IOException, InterruptedException;

    /** Lets go of connections and programs, whatever the restore has come to. */
    @Override
    default void close() {}

    /**
     * How a restore ended.
     *
     * @param restored names of what was replaced or added
     * @param leftAlone names of what the backup does not have
     * @param kept names under which replaced data is kept
     * @param notes sentences for an operator
     */
    record Outcome(List<String> restored, List<String> leftAlone, List<String> kept, List<String> notes) {}
}
