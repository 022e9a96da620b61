package io.holdfast.format.artifact;

import io.holdfast.format.segment.Supply;
import io.holdfast.format.zstd.FrameCompressor;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Reads a stream in one thread, compresses its blocks in several, and hands them out in order to one more.
 *
 * <p>No more memory is taken than {@code workers + 1} blocks of plaintext (one being read, one per worker)
 * and {@code workers + 2} frames (one per worker, one waiting, one being written). Whoever takes a frame gives it back, or
 * the line stops.
 */
final class CompressionLine implements AutoCloseable {
    private final InputStream in;
    private final Supply<Block> blocks;
    private final Supply<Frame> frames;
    private final Supply<FrameCompressor> compressors;
    private final BlockingQueue<Future<@Nullable Frame>> ordered;
    private final ExecutorService workers;
    private final Thread reader;

    /** Starts reading at once. */
    CompressionLine(InputStream in, Settings settings) {
        this.in = in;
        blocks = new Supply<>(settings.workers() + 1, Block::new);
        int mostFrames = settings.workers() + 2;
        frames = new Supply<>(mostFrames, Frame::new);
        compressors = new Supply<>(settings.workers(), () -> new FrameCompressor(settings.level()));
        // Room for every frame and the end, so that adding never waits.
        ordered = new ArrayBlockingQueue<>(mostFrames + 1);
        workers = Executors.newFixedThreadPool(
                settings.workers(),
                Thread.ofPlatform().daemon().name("holdfast-compress-", 0).factory());
        reader = Thread.ofPlatform().daemon().name("holdfast-read").start(this::readAll);
    }

    /** The next frame, or null after the last one; throws what reading or compressing threw. */
    @Nullable Frame next() throws IOException, InterruptedException {
        try {
            return ordered.take().get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException failure -> throw failure;
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                case null -> throw new IllegalStateException(e);
                case Throwable failure -> throw new IllegalStateException(failure);
            }
        }
    }

    void giveBack(Frame frame) {
        frames.give(frame);
    }

    private void readAll() {
        try {
            Block block;
            boolean first = true;
            boolean last;
            do {
                block = blocks.take();
                block.readFrom(in);
                // An empty stream still makes one frame, so that every artifact has one.
                last = !block.isFull();
                if (first || block.bytes() > 0) {
                    Block full = block;
                    // Taken here, in order: were it taken by the workers, later frames could keep an earlier one
                    // waiting.
                    Frame frame = frames.take();
                    ordered.add(workers.submit(() -> compress(full, frame)));
                }
                first = false;
            } while (!last);
            ordered.add(CompletableFuture.completedFuture(null));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException | Error e) {
            ordered.add(CompletableFuture.failedFuture(e));
        }
    }

    private Frame compress(Block block, Frame frame) throws InterruptedException {
        FrameCompressor compressor = compressors.take();
        try {
            frame.compress(compressor, block);
        } finally {
            compressors.give(compressor);
            blocks.give(block);
        }
        return frame;
    }

    /**
     * Stops all threads and frees the native memory. Waits for the compressing threads, which takes milliseconds, but
     * not for the reading one: a read that cannot be interrupted ends when the owner of the stream ends it.
     */
    @Override
    public void close() {
        reader.interrupt();
        workers.shutdownNow();
        workers.close();
        compressors.forEach(FrameCompressor::close);
    }
}
