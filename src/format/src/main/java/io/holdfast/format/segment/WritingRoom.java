package io.holdfast.format.segment;

import io.holdfast.format.age.X25519Recipient;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** The threads and the memory of a {@link SegmentWriter}. Nothing is made before it is needed. */
final class WritingRoom implements AutoCloseable {
    final Supply<Plaintext> plaintexts;
    final Supply<SealedSegment> sealed;
    final Supply<Fingerprints> fingerprints;
    final Supply<SegmentSealer> sealers;
    final ExecutorService workers;
    final ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor();
    private @Nullable CompletableFuture<?> waitedFor;
    private @Nullable Throwable failure;

    WritingRoom(
            SegmentSecret secret,
            List<X25519Recipient> recipients,
            SegmentSizes largest,
            int level,
            int threads,
            int inFlight,
            SecureRandom random) {
        // One more, for the thread that reads; it has to have two when the first is cut.
        plaintexts = new Supply<>(threads + 1, () -> new Plaintext(largest));
        sealed = new Supply<>(inFlight, () -> new SealedSegment(largest));
        fingerprints = new Supply<>(threads, () -> new Fingerprints(secret));
        sealers = new Supply<>(threads, () -> new SegmentSealer(recipients, level, random));
        workers = Executors.newFixedThreadPool(
                threads, Thread.ofPlatform().daemon().name("holdfast-seal-", 0).factory());
    }

    /** This is what the writer's owner waits for now: it fails as soon as anything does. */
    synchronized void waitedFor(CompletableFuture<?> future) {
        waitedFor = future;
        if (failure != null) {
            future.completeExceptionally(failure);
        }
    }

    /** A segment, or the reading, has failed. */
    synchronized void failed(Throwable cause) {
        if (failure == null) {
            failure = cause;
        }
        if (waitedFor != null) {
            waitedFor.completeExceptionally(failure);
        }
    }

    @Override
    public void close() {
        workers.shutdownNow();
        senders.shutdownNow();
        workers.close();
        senders.close();
        sealers.forEach(SegmentSealer::close);
    }
}
