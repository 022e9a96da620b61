package io.holdfast.manager.catalogue;

import io.holdfast.manager.catalogue.Reconciler.Surroundings;
import io.holdfast.manager.catalogue.Reconciliation.Report;

/** What one comparison finds, told as it is found and counted. For one thread. */
final class Findings {
    private final boolean mend;
    private final Surroundings surroundings;
    private final Report report;
    private long differences;
    private long problems;

    /**
     * Makes it, with nothing found.
     *
     * @param mend whether what is found is mended, or only told
     */
    Findings(boolean mend, Surroundings surroundings, Report report) {
        this.mend = mend;
        this.surroundings = surroundings;
        this.report = report;
    }

    boolean mend() {
        return mend;
    }

    /** Whether no manager works. */
    boolean alone() {
        return surroundings == Surroundings.ALONE;
    }

    /** The catalogue lacks what the store has, or has it otherwise, as after the loss of a catalogue. */
    void differ(String what) {
        differences++;
        report.difference().accept(what);
    }

    /** Something is odd: damaged, lost, put there by somebody else, or not to be mended. */
    void problem(String what) {
        problems++;
        report.problem().accept(what);
    }

    /** A backup is suspect from now on. */
    void damaged(long backup) {
        report.damaged().accept(backup);
    }

    long differences() {
        return differences;
    }

    long problems() {
        return problems;
    }
}
