package io.holdfast.testbed.load;

import java.util.Arrays;

/** Times of many calls, and which share of them took how long. Any thread may use it. */
public final class Latencies {
    private static final double NANOS_PER_MILLI = 1e6;

    private long[] nanos = new long[1024];
    private int count;

    /** Adds one, in nanoseconds. */
    public synchronized void add(long time) {
        if (count == nanos.length) {
            nanos = Arrays.copyOf(nanos, count * 2);
        }
        nanos[count++] = time;
    }

    /** Adds all of others, which nobody adds to any more. */
    public void add(Latencies others) {
        for (int i = 0; i < others.count; i++) {
            add(others.nanos[i]);
        }
    }

    /** How many there are. */
    public synchronized int count() {
        return count;
    }

    /**
     * How many milliseconds a share of them took at most.
     *
     * @param share from 0 to 1
     */
    public synchronized double millis(double share) {
        if (count == 0) {
            return Double.NaN;
        }
        long[] sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        return sorted[Math.max(0, (int) Math.ceil(share * count) - 1)] / NANOS_PER_MILLI;
    }

    @Override
    public String toString() {
        return count() == 0
                ? "none"
                : "%.0f / %.0f / %.0f ms (%d)".formatted(millis(0.5), millis(0.99), millis(1), count());
    }
}
