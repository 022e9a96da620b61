package io.holdfast.agent.attempt;

import io.holdfast.protocol.Phase;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** How far an attempt is: written by the work, read by the heartbeat. May be used by any thread. */
public final class Progress {
    private final AtomicLong bytesIn = new AtomicLong();
    private final AtomicLong bytesOut = new AtomicLong();
    private volatile Phase phase = Phase.PREPARING;
    private volatile @Nullable String detail;
    private volatile @Nullable String trouble;
    private volatile @Nullable Long estimatedBytes;

    /** Enters a phase. */
    public void enter(Phase newPhase) {
        phase = newPhase;
        detail = null;
    }

    /** Says which artifact is worked on. */
    public void at(String newDetail) {
        detail = newDetail;
    }

    /** Says what is waited for; null when nothing is any more. */
    public void trouble(@Nullable String newTrouble) {
        trouble = newTrouble;
    }

    public void estimate(@Nullable Long bytes) {
        estimatedBytes = bytes;
    }

    /** Counts plaintext bytes. */
    public void in(long bytes) {
        bytesIn.addAndGet(bytes);
    }

    /** Counts ciphertext bytes as they leave or arrive; less than zero for those that have to be sent again. */
    public void out(long bytes) {
        bytesOut.addAndGet(bytes);
    }

    public Phase phase() {
        return phase;
    }

    /** What is worked on, and what is waited for. */
    public @Nullable String detail() {
        String at = detail;
        String waited = trouble;
        return waited == null ? at : at == null ? waited : at + "; " + waited;
    }

    public @Nullable Long estimatedBytes() {
        return estimatedBytes;
    }

    public long bytesIn() {
        return bytesIn.get();
    }

    public long bytesOut() {
        return bytesOut.get();
    }
}
