package io.holdfast.format.segment;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * The threads of one artifact that is written: one reads and cuts; some hash, compress and encrypt; and for each segment that is
 * sealed one sends it. Buffers go round between them; whoever finds none waits, so a slow sink stops the reading.
 */
final class WritingLine implements AutoCloseable {
    private final InputStream in;
    private final Cutter cutter;
    private final SegmentSink sink;
    private final Supply<Plaintext> plaintexts;
    private final Supply<SealedSegment> sealed;
    private final Supply<Fingerprints> fingerprints;
    private final Supply<SegmentSealer> sealers;
    private final ExecutorService workers;
    private final ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor();
    private final Thread reader;
    private final CompletableFuture<WrittenArtifact> written = new CompletableFuture<>();
    /** The reader and each segment that is under way. */
    private final AtomicLong unfinished = new AtomicLong(1);

    private long plaintextBytes;
    private long segments;

    /** Starts reading at once. */
    WritingLine(
            InputStream in,
            Cutter cutter,
            int threads,
            Supplier<Fingerprints> fingerprints,
            Supplier<SegmentSealer> sealers,
            SegmentSink sink) {
        this.in = in;
        this.cutter = cutter;
        this.sink = sink;
        SegmentSizes sizes = cutter.sizes();
        this.plaintexts = new Supply<>(threads + 1, () -> new Plaintext(sizes));
        this.sealed = new Supply<>(threads + 2, () -> new SealedSegment(sizes));
        this.fingerprints = new Supply<>(threads, fingerprints);
        this.sealers = new Supply<>(threads, sealers);
        this.workers = Executors.newFixedThreadPool(
                threads, Thread.ofPlatform().daemon().name("holdfast-seal-", 0).factory());
        this.reader = Thread.ofPlatform().daemon().name("holdfast-read").start(() -> guarded(this::readAll));
    }

    /** Waits until all segments are stored. */
    WrittenArtifact await() throws InterruptedException, ExecutionException {
        return written.get();
    }

    private void readAll() throws IOException, InterruptedException {
        Plaintext current = plaintexts.take();
        boolean last = current.fill(in);
        while (true) {
            int end = cutter.next(current.bytes(), current.length());
            if (last && end == current.length()) {
                submit(current);
                break;
            }
            Plaintext rest = plaintexts.take();
            current.split(end, rest);
            submit(current);
            current = rest;
            last = last || current.fill(in);
        }
        finishOne();
    }

    private void submit(Plaintext plaintext) {
        long position = segments++;
        plaintextBytes += plaintext.length();
        unfinished.incrementAndGet();
        workers.execute(() -> guarded(() -> seal(position, plaintext)));
    }

    private void seal(long position, Plaintext plaintext) throws IOException, InterruptedException {
        Fingerprints hash = fingerprints.take();
        Fingerprint fingerprint = hash.of(plaintext.bytes(), plaintext.length());
        fingerprints.give(hash);
        if (sink.isStored(position, fingerprint)) {
            plaintexts.give(plaintext);
            finishOne();
            return;
        }
        SealedSegment object = sealed.take();
        SegmentSealer sealer = sealers.take();
        try {
            sealer.seal(plaintext.bytes(), plaintext.length(), object);
        } finally {
            sealers.give(sealer);
        }
        plaintexts.give(plaintext);
        senders.execute(() -> guarded(() -> {
            sink.store(position, fingerprint, object);
            sealed.give(object);
            finishOne();
        }));
    }

    private void finishOne() {
        if (unfinished.decrementAndGet() == 0) {
            written.complete(new WrittenArtifact(plaintextBytes, segments));
        }
    }

    private interface Step {
        void run() throws IOException, InterruptedException;
    }

    private void guarded(Step step) {
        try {
            step.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            written.completeExceptionally(e);
        } catch (IOException | RuntimeException | Error e) {
            written.completeExceptionally(e);
        }
    }

    /**
     * Stops all threads and frees the native memory. Waits for those that work, but not for the one that reads: a read that
     * cannot be interrupted ends when the owner of the stream ends it.
     */
    @Override
    public void close() {
        reader.interrupt();
        workers.shutdownNow();
        senders.shutdownNow();
        workers.close();
        senders.close();
        sealers.forEach(SegmentSealer::close);
    }
}
