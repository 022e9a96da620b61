package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

/** Waits for what another thread or process is about to do. */
final class Await {
    private static final long LONGEST_NANOS = 60_000_000_000L;

    interface Condition {
        boolean holds() throws Exception;
    }

    private Await() {}

    static void until(Condition condition) throws Exception {
        long end = System.nanoTime() + LONGEST_NANOS;
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as("it takes too long").isLessThan(end);
            Thread.sleep(20);
        }
    }

    /** The same, where a server may refuse to answer for a while. */
    static void untilAnswered(Condition condition) throws Exception {
        until(() -> {
            try {
                return condition.holds();
            } catch (IllegalStateException e) {
                return false;
            }
        });
    }
}
