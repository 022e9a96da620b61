package io.holdfast.protocol;

import org.jspecify.annotations.Nullable;

/**
 * {@code POST /agent/v1/jobs/{id}/heartbeat}: the attempt lives; extends its lease. Refused with 409 {@code Fenced} when
 * the epoch is not the newest or the job has ended: the attempt then stops at once and changes nothing more.
 *
 * @param epoch the attempt's
 * @param phase where the work is
 * @param detail which artifact is worked on, or null
 * @param bytesIn bytes of plaintext so far
 * @param bytesOut bytes of ciphertext so far
 * @param estimatedBytes the expected total of {@code bytesIn}, or null when nobody can tell
 * @param memory what the agent uses now
 */
public record Heartbeat(
        int epoch,
        Phase phase,
        @Nullable String detail,
        long bytesIn,
        long bytesOut,
        @Nullable Long estimatedBytes,
        AgentMemory memory) {

    /**
     * The manager's answer.
     *
     * @param cancel that somebody asked to cancel: stop, clean up, and report {@link FailureCode#CANCELLED}
     * @param leaseSeconds how long the lease now lasts
     */
    public record Ack(boolean cancel, int leaseSeconds) {}
}
