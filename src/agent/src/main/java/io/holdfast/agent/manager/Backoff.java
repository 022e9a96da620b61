package io.holdfast.agent.manager;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next try: a random time up to a limit that doubles, "full jitter", so that many agents do
 * not come back at once.
 */
public final class Backoff {
    private static final long FIRST_MILLIS = 200;
    private static final long LONGEST_MILLIS = 15_000;

    private final RandomGenerator random;
    private int tries;

    public Backoff(RandomGenerator random) {
        this.random = random;
    }

    /** The next waiting time. */
    public Duration next() {
        long limit = Math.min(LONGEST_MILLIS, FIRST_MILLIS << Math.min(tries, 20));
        tries++;
        return Duration.ofMillis(random.nextLong(limit / 4, limit + 1));
    }

    /** Waits for the next waiting time. */
    public void pause() throws InterruptedException {
        Thread.sleep(next());
    }

    /** How often {@link #next} was called. */
    public int tries() {
        return tries;
    }
}
