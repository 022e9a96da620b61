package io.holdfast.manager.store;

import io.holdfast.protocol.machine.Pauses;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How often and how long a call is repeated, with {@link Pauses} in between.
 *
 * @param attempts how often a call is made, the first time included
 * @param firstPause upper bound of the first pause
 * @param longestPause upper bound of every pause
 * @param totalTime no repetition begins later than this after the first attempt began
 */
public record RetryPolicy(int attempts, Duration firstPause, Duration longestPause, Duration totalTime) {
    /** While somebody waits for an answer, who can ask again: rides out what a busy store does. */
    public static final RetryPolicy REQUEST =
            new RetryPolicy(Integer.MAX_VALUE, Duration.ofMillis(200), Duration.ofSeconds(3), Duration.ofSeconds(10));

    /**
     * For what nobody waits for, such as commits and garbage collection: rides out two minutes, in which a store can restart. What fails
     * in spite of that is done again by its own next run.
     */
    public static final RetryPolicy BACKGROUND =
            new RetryPolicy(Integer.MAX_VALUE, Duration.ofMillis(200), Duration.ofSeconds(15), Duration.ofMinutes(2));

    public RetryPolicy {
        if (attempts < 1 || !firstPause.isPositive() || longestPause.compareTo(firstPause) < 0) {
            throw new IllegalArgumentException("a policy needs an attempt, and pauses that grow");
        }
    }

    /** The pause after so many failures. */
    Duration pauseAfter(int failures, RandomGenerator random) {
        return new Pauses(firstPause, longestPause).after(failures, random);
    }
}
