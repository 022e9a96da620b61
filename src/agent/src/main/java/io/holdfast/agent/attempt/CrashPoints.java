package io.holdfast.agent.attempt;

import io.holdfast.protocol.machine.Halt;

/** Is told when the work passes a {@link CrashPoint}. Does nothing in production. */
public interface CrashPoints {
    /** The work has just passed this point. */
    void reached(CrashPoint point);

    /** Ignores all points. */
    static CrashPoints none() {
        return point -> {};
    }

    /** Ends the process at one of them, where the system properties say so, see {@link Halt}. */
    static CrashPoints fromSystemProperties() {
        return Halt.fromSystemProperties(CrashPoint.class)::accept;
    }
}
