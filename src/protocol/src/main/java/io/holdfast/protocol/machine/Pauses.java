package io.holdfast.protocol.machine;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before another try: a random time up to a bound that doubles with each failure ("full jitter"), so that
 * those that failed together do not come back together.
 *
 * @param first the bound after the first failure; zero for no pauses at all
 * @param longest the bound that is not gone beyond
 */
public record Pauses(Duration first, Duration longest) {
    /** Beyond any bound, and far from overflow. */
    private static final int MOST_DOUBLINGS = 30;

    /** The most that {@link #after} gives. */
    public Duration boundAfter(int failures) {
        Duration bound = first.multipliedBy(1L << Math.min(failures - 1, MOST_DOUBLINGS));
        return bound.compareTo(longest) < 0 ? bound : longest;
    }

    /**
     * The next pause.
     *
     * @param failures how many there were, at least one
     */
    public Duration after(int failures, RandomGenerator random) {
        return Duration.ofNanos(random.nextLong(boundAfter(failures).toNanos() + 1));
    }
}
