package io.holdfast.agent.transfer;

import java.time.Duration;

/**
 * How long the store is waited for.
 *
 * @param silence how long a connection may go without a byte, either way, before it counts as broken
 * @param outage how long a transfer that fails is tried again, from its first failure on; the dump waits meanwhile
 */
public record StorePatience(Duration silence, Duration outage) {
    private static final Duration SILENCE = Duration.ofSeconds(60);

    /** What this machine's send buffer may still hold of a part when its last byte is written. */
    private static final int BUFFERED_BYTES = 4 * 1024 * 1024;

    private static final int SLOWEST_BYTES_PER_SECOND = 64 * 1024;

    /** The usual silence, and an outage as an operator says. */
    public static StorePatience withOutage(Duration outage) {
        return new StorePatience(SILENCE, outage);
    }

    /** How long the answer to so many bytes may take, the last of which have just been written. */
    Duration forAnswer(int bytes) {
        return silence.plusSeconds(Math.min(bytes, BUFFERED_BYTES) / SLOWEST_BYTES_PER_SECOND);
    }
}
