package io.holdfast.agent.attempt;

/**
 * One attempt at a job, as all its parts see it. May be used by any thread.
 *
 * @param stop tells them to stop
 * @param progress how far it is
 * @param crashPoints is told what it passes
 */
public record Attempt(AttemptId id, StopSignal stop, Progress progress, CrashPoints crashPoints) {
    /** One that just begins. */
    public static Attempt begin(AttemptId id, CrashPoints crashPoints) {
        return new Attempt(id, new StopSignal(), new Progress(), crashPoints);
    }

    /** The same, which nobody stops any more: to clear away what it has left. */
    public Attempt unstoppable() {
        return new Attempt(id, new StopSignal(), progress, crashPoints);
    }

    /** It has just passed a point. */
    public void reached(CrashPoint point) {
        crashPoints.reached(point);
    }
}
