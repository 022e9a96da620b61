package io.holdfast.manager.crash;

import io.holdfast.protocol.machine.Halt;

/** Told whenever a {@link CrashPoint} is reached. In production nothing happens then. */
public interface CrashPoints {
    /** A crash point is reached. */
    void reached(CrashPoint point);

    /** Ends the process at one of them, where the system properties say so, see {@link Halt}. */
    static CrashPoints fromSystemProperties() {
        return Halt.fromSystemProperties(CrashPoint.class)::accept;
    }
}
