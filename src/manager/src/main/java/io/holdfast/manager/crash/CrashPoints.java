package io.holdfast.manager.crash;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Told whenever a {@link CrashPoint} is reached. In production nothing happens then. */
public interface CrashPoints {
    /** Exit status of a process that was ended at a crash point: as if it had been killed. */
    int HALTED = 137;

    /** A crash point is reached. */
    void reached(CrashPoint point);

    /**
     * Ends the process where the system property {@code holdfast.crash_at} says, after making the file that
     * {@code holdfast.crash_marker} names; does nothing when they are not set.
     */
    static CrashPoints fromSystemProperties() {
        String name = System.getProperty("holdfast.crash_at");
        if (name == null) {
            return point -> {};
        }
        CrashPoint wanted = CrashPoint.valueOf(name);
        Path marker = Path.of(System.getProperty("holdfast.crash_marker", "crashed"));
        return point -> {
            if (point == wanted) {
                try {
                    Files.writeString(marker, point.name());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                Runtime.getRuntime().halt(HALTED);
            }
        };
    }
}
