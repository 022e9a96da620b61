package io.holdfast.format.segment;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An artifact that is being written: one thread reads and cuts it; the writer's threads hash, compress and encrypt; and for each
 * segment that is sealed one sends it. Buffers go round between them; whoever finds none waits, so a slow sink stops the
 * reading.
 */
public final class WritingArtifact {
    private final WritingRoom room;
    private final SegmentSink sink;
    private final CompletableFuture<WrittenArtifact> read = new CompletableFuture<>();
    private final CompletableFuture<WrittenArtifact> written = new CompletableFuture<>();
    /** The reader and each segment that is under way. */
    private final AtomicLong unfinished = new AtomicLong(1);

    private long plaintextBytes;
    private long segments;

    WritingArtifact(WritingRoom room, SegmentSink sink) {
        this.room = room;
        this.sink = sink;
    }

    /** Has another thread read all of it, and waits for that; stops waiting when anything of the writer has failed. */
    void read(InputStream in, Cutter cutter) throws IOException, InterruptedException {
        room.waitedFor(read);
        Thread reader =
                Thread.ofPlatform().daemon().name("holdfast-read").start(() -> guarded(() -> readAll(in, cutter)));
        try {
            get(read);
        } catch (IOException | InterruptedException | RuntimeException | Error e) {
            reader.interrupt();
            throw e;
        }
    }

    /** Whether {@link #await} answers at once. */
    public boolean isOver() {
        return written.isDone();
    }

    /**
     * Waits until all segments are stored; stops waiting when anything of the writer has failed.
     *
     * @throws IOException from the input or a sink, as they threw it
     */
    public WrittenArtifact await() throws IOException, InterruptedException {
        room.waitedFor(written);
        return get(written);
    }

    private static WrittenArtifact get(CompletableFuture<WrittenArtifact> future)
            throws IOException, InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException failure -> throw failure;
                case InterruptedException failure -> throw failure;
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                case null, default -> throw new IllegalStateException(e);
            }
        }
    }

    private void readAll(InputStream in, Cutter cutter) throws IOException, InterruptedException {
        int most = cutter.sizes().most();
        Plaintext current = room.plaintexts.take();
        current.clear();
        boolean last = current.fill(in, most);
        while (true) {
            int end = cutter.next(current.bytes(), current.length());
            if (last && end == current.length()) {
                submit(current);
                break;
            }
            Plaintext rest = room.plaintexts.take();
            current.split(end, rest);
            submit(current);
            current = rest;
            last = last || current.fill(in, most);
            if (current.length() == 0) {
                // The input has ended exactly at a cut: nothing is left for another segment.
                room.plaintexts.give(current);
                break;
            }
        }
        WrittenArtifact all = new WrittenArtifact(plaintextBytes, segments);
        finishOne();
        read.complete(all);
    }

    private void submit(Plaintext plaintext) {
        long position = segments++;
        plaintextBytes += plaintext.length();
        unfinished.incrementAndGet();
        room.workers.execute(() -> guarded(() -> seal(position, plaintext)));
    }

    private void seal(long position, Plaintext plaintext) throws IOException, InterruptedException {
        Fingerprints hash = room.fingerprints.take();
        Fingerprint fingerprint = hash.of(plaintext.bytes(), plaintext.length());
        room.fingerprints.give(hash);
        if (sink.isStored(position, fingerprint)) {
            room.plaintexts.give(plaintext);
            finishOne();
            return;
        }
        SealedSegment object = room.sealed.take();
        SegmentSealer sealer = room.sealers.take();
        try {
            sealer.seal(plaintext.bytes(), plaintext.length(), object);
        } finally {
            room.sealers.give(sealer);
        }
        room.plaintexts.give(plaintext);
        room.senders.execute(() -> guarded(() -> {
            sink.store(position, fingerprint, object);
            room.sealed.give(object);
            finishOne();
        }));
    }

    private void finishOne() {
        if (unfinished.decrementAndGet() == 0) {
            // The reader is one of those that had to finish: what it counted is all.
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
            fail(e);
        } catch (RejectedExecutionException e) {
            fail(new IOException("the writer is closed", e));
        } catch (IOException | RuntimeException | Error e) {
            fail(e);
        }
    }

    private void fail(Throwable failure) {
        written.completeExceptionally(failure);
        room.failed(failure);
    }
}
