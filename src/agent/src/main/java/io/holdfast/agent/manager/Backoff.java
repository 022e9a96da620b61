package io.holdfast.agent.manager;

import io.holdfast.protocol.machine.Pauses;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long an agent waits before the next try: as {@link Pauses} say, but no less than a quarter of the most.
 */
public final class Backoff {
    private static final Pauses PAUSES = new Pauses(Duration.ofMillis(200), Duration.ofSeconds(15));

    private final RandomGenerator random;
    private int tries;

    public Backoff(RandomGenerator random) {
        this.random = random;
    }

    /** The next waiting time. */
    public Duration next() {
        tries++;
        Duration pause = PAUSES.after(tries, random);
        Duration least = PAUSES.boundAfter(tries).dividedBy(4);
        return pause.compareTo(least) < 0 ? least : pause;
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
