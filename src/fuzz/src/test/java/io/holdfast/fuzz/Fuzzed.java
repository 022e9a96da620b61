package io.holdfast.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What the fuzzer calls: one target's reader, with its memory measured. */
public final class Fuzzed {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    /** The first inputs of a process load classes. */
    private static final int WARM_UP = 500;

    private static @Nullable Target target;
    private static int inputs;

    private Fuzzed() {}

    /**
     * Called once. Writes what fuzzing begins with, and makes sure that all of it is read whole: a reader that refuses
     * everything would look like a good one.
     *
     * @param arguments the name of one of {@link Targets}, and the folder for its seeds
     */
    public static void fuzzerInitialize(String[] arguments) throws Exception {
        try {
            begin(arguments);
        } catch (Throwable e) {
            e.printStackTrace(); // Jazzer would not tell
            throw e;
        }
    }

    private static void begin(String[] arguments) throws Exception {
        Target made = Targets.valueOf(arguments[0]).make();
        int number = 0;
        for (byte[] seed : made.seeds()) {
            if (!measured(made, seed, false)) {
                throw new IllegalStateException("seed " + number + " is refused: " + new String(seed, UTF_8));
            }
            Files.write(Path.of(arguments[1], "seed-" + number), seed);
            number++;
        }
        target = made;
    }

    /** Called for each input. */
    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        if (target == null) {
            throw new IllegalStateException("no target");
        }
        boolean _ = measured(target, input, inputs++ > WARM_UP);
    }

    private static boolean measured(Target target, byte[] input, boolean strictly) throws Exception {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        boolean read = target.read(input);
        long taken = THREADS.getCurrentThreadAllocatedBytes() - before;
        if (strictly && taken > target.mostBytes(input.length)) {
            throw new AssertionError(taken + " bytes were allocated for an input of " + input.length);
        }
        return read;
    }
}
