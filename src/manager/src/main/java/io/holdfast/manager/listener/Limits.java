package io.holdfast.manager.listener;

import io.holdfast.manager.http.ErrorCode;
import java.time.Duration;

/**
 * What a listener lets in at once. Whoever exceeds it is closed, told {@link ErrorCode#BUSY}, or told that its body came
 * too late; nobody else is.
 *
 * @param strangers connections over which nobody has proved yet who it is
 * @param connections those over which somebody has
 * @param connectionsOfOne those of one caller
 * @param requests requests at once of callers who are known; one that waits for something counts too
 * @param requestsOfOne those of one caller
 * @param waiting how long a request waits until there are fewer
 * @param patience how long a body may take besides what its size takes; each piece of an answer may take three times that
 */
public record Limits(
        int strangers,
        int connections,
        int connectionsOfOne,
        int requests,
        int requestsOfOne,
        Duration waiting,
        Duration patience) {
    /** Slower bodies are not waited for. */
    static final int SLOWEST_BYTES_PER_SECOND = 16 * 1024;

    private static final Duration WAITING = Duration.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    // Measured with scripts/hostile: how much of the heap each of these takes at worst.
    private static final int STRANGER = 400 * 1024;
    private static final int AGENT = 64 * 1024;
    private static final int OPERATOR = 256 * 1024;
    private static final int REQUEST = 512 * 1024;

    /**
     * For the listener of agents, each of which waits for a job most of the time.
     *
     * @param heap bytes that the JVM may use at most
     */
    public static Limits forAgents(long heap) {
        int connections = Math.clamp(heap / AGENT, 1000, 100_000);
        return new Limits(strangers(heap), connections, 32, connections, 16, WAITING, PATIENCE);
    }

    /** For the listener of everybody else. */
    public static Limits forOperators(long heap) {
        int connections = Math.clamp(heap / OPERATOR, 500, 10_000);
        int requests = Math.clamp(heap / REQUEST, 200, 4000);
        return new Limits(strangers(heap), connections, connections / 2, requests, 64, WAITING, PATIENCE);
    }

    private static int strangers(long heap) {
        return Math.clamp(heap / STRANGER, 200, 4000);
    }
}
