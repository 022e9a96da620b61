package io.holdfast.protocol.machine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Ends the process at one of its crash points, as if it were killed: for tests of what it does after that. */
public final class Halt {
    /** How the process ends then. */
    public static final int EXIT_CODE = 137;

    private Halt() {}

    /**
     * As the system properties say: {@code holdfast.crash_at} names the point, {@code holdfast.crash_marker} a file that is
     * written just before, so that a test knows that the point was reached. Without the first property nothing happens at any
     * point.
     *
     * @param points all that there are
     * @return is to be told of each point that is passed
     */
    public static <E extends Enum<E>> Consumer<E> fromSystemProperties(Class<E> points) {
        String name = System.getProperty("holdfast.crash_at");
        if (name == null) {
            return _ -> {};
        }
        E wanted = Enum.valueOf(points, name);
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
                Runtime.getRuntime().halt(EXIT_CODE);
            }
        };
    }
}
