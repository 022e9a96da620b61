package io.holdfast.agent.work;

import io.holdfast.agent.attempt.Attempt;
import io.holdfast.agent.attempt.JobId;
import io.holdfast.agent.attempt.Progress;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.manager.ManagerClient;
import io.holdfast.agent.manager.ManagerException;
import io.holdfast.protocol.Heartbeat;
import io.holdfast.protocol.Refusal;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps an attempt's lease while it works, in a thread of its own, and stops the attempt when the manager says so or was
 * silent for as long as the lease lasts. Closing it ends the thread.
 */
final class Heartbeats implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Heartbeats.class);

    private final ManagerClient manager;
    private final Attempt attempt;
    private final Duration pause;
    private final MemoryGauge memory;
    private final Thread thread;

    Heartbeats(ManagerClient manager, Attempt attempt, int leaseSeconds, Duration pause, MemoryGauge memory) {
        this.manager = manager;
        this.attempt = attempt;
        this.pause = pause;
        this.memory = memory;
        this.thread = Thread.ofVirtual().name("heartbeats").start(() -> beat(leaseSeconds));
    }

    private void beat(int leaseSeconds) {
        JobId job = attempt.id().job();
        StopSignal stop = attempt.stop();
        long leaseEnds = end(System.nanoTime(), leaseSeconds);
        try {
            while (true) {
                long sentAt = System.nanoTime();
                try {
                    Heartbeat.Ack ack = manager.heartbeat(job, heartbeat(attempt, memory), Duration.ZERO);
                    leaseEnds = end(sentAt, ack.leaseSeconds());
                    if (ack.cancel()) {
                        stop.stop(StopSignal.Reason.CANCELLED);
                    }
                } catch (ManagerException e) {
                    if (e.is(Refusal.FENCED)) {
                        LOG.warn("job {}: the lease is lost: {}", job, e.getMessage());
                        stop.stop(StopSignal.Reason.FENCED);
                        return;
                    }
                    LOG.warn("job {}: heartbeat refused: {}", job, e.getMessage());
                } catch (IOException e) {
                    LOG.warn("job {}: heartbeat failed: {}", job, e.toString());
                } catch (RuntimeException | Error e) {
                    // Without this thread nobody would notice the end of the lease.
                    LOG.error("job {}: heartbeat failed", job, e);
                }
                if (System.nanoTime() - leaseEnds >= 0) {
                    LOG.warn("job {}: the manager was silent until the lease was over", job);
                    stop.stop(StopSignal.Reason.LEASE_LOST);
                }
                Thread.sleep(pause);
            }
        } catch (InterruptedException e) {
            // Closed.
        }
    }

    /** What an attempt says now. */
    static Heartbeat heartbeat(Attempt attempt, MemoryGauge memory) {
        Progress progress = attempt.progress();
        return new Heartbeat(
                attempt.id().epoch(),
                progress.phase(),
                progress.detail(),
                progress.bytesIn(),
                progress.bytesOut(),
                progress.estimatedBytes(),
                memory.now());
    }

    private static long end(long from, int leaseSeconds) {
        return from + Duration.ofSeconds(leaseSeconds).toNanos();
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
