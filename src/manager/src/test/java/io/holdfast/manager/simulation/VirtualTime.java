package io.holdfast.manager.simulation;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Time that passes only when the simulation lets it. The clock on the wall can jump; what has passed cannot. */
final class VirtualTime implements InstantSource {
    private static final Instant BEGIN = Instant.parse("2027-03-01T00:00:00Z");

    private long passedMillis;
    private long jumpedMillis;

    /** Milliseconds since the simulation began. */
    long passedMillis() {
        return passedMillis;
    }

    /** The same, as {@link System#nanoTime} would tell it. */
    long nanoTime() {
        return passedMillis * 1_000_000;
    }

    void passTo(long millis) {
        passedMillis = Math.max(passedMillis, millis);
    }

    /** Sets the clock on the wall forward or back. */
    void jump(Duration by) {
        jumpedMillis += by.toMillis();
    }

    /** What the wall's clock would say without its jumps: a store's clock. */
    Instant trueTime() {
        return BEGIN.plusMillis(passedMillis);
    }

    @Override
    public Instant instant() {
        return trueTime().plusMillis(jumpedMillis);
    }
}
