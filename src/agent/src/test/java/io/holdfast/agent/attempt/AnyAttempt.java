package io.holdfast.agent.attempt;

/** An attempt for tests of parts that are not about attempts. */
public final class AnyAttempt {
    private AnyAttempt() {}

    /** The first one at a first job, which nobody stops. */
    public static Attempt begin() {
        return Attempt.begin(id(), CrashPoints.none());
    }

    public static AttemptId id() {
        return new AttemptId(new JobId(1), 1);
    }
}
