package io.holdfast.agent.attempt;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Is told when the work passes a {@link CrashPoint}. Does nothing in production. */
public interface CrashPoints {
    /** The work has just passed this point. */
    void reached(CrashPoint point);

    /** Ignores all points. */
    static CrashPoints none() {
        return point -> {};
    }

    /**
     * As the system properties say: {@code holdfast.crash_at} names the point at which the process ends as if it were
     * killed, {@code holdfast.crash_marker} a file that is written just before, so that a test knows that the point was
     * reached. Without the first property all points are ignored.
     */
    static CrashPoints fromSystemProperties() {
        String name = System.getProperty("holdfast.crash_at");
        if (name == null) {
            return none();
        }
        CrashPoint wanted = CrashPoint.valueOf(name);
        @Nullable String marker = System.getProperty("holdfast.crash_marker");
        return point -> {
            if (point == wanted) {
                if (marker != null) {
                    try {
                        Files.writeString(Path.of(marker), point.name());
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
                Runtime.getRuntime().halt(137);
            }
        };
    }
}
