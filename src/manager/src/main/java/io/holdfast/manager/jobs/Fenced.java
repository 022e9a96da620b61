package io.holdfast.manager.jobs;

/** The caller's epoch is not the newest of a running job: whatever it wanted was not done. */
public final class Fenced extends RuntimeException {
    public Fenced() {
        super("the attempt is not the newest of its job, or the job has ended", null, false, false);
    }
}
