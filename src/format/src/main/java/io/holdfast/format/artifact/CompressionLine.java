package io.holdfast.format.artifact;

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
 * <p>All memory is taken when the line is made: {@code workers + 3} blocks (one being read, one per worker, one
 * waiting, one being written). Whoever takes a block gives it back, or the line stands still.
 */
final class CompressionLine implements AutoCloseable {
    private static final int SPARE_BLOCKS = 3;

    private final InputStream in;
    private final BlockingQueue<Block> free;
    private final BlockingQueue<FrameCompressor> compressors;
    private final BlockingQueue<Future<@Nullable Block>> ordered;
    private final ExecutorService workers;
    private final Thread reader;

    /** Starts reading at once. */
    CompressionLine(InputStream in, Settings settings) {
        this.in = in;
        int blocks = settings.workers() + SPARE_BLOCKS;
        free = new ArrayBlockingQueue<>(blocks);
        for (int i = 0; i < blocks; i++) {
            free.add(new Block());
        }
        compressors = new ArrayBlockingQueue<>(settings.workers());
        for (int i = 0; i < settings.workers(); i++) {
            compressors.add(new FrameCompressor(settings.level()));
        }
        // Room for every block and the end, so that adding never waits.
        ordered = new ArrayBlockingQueue<>(blocks + 1);
        workers = Executors.newFixedThreadPool(
                settings.workers(),
                Thread.ofPlatform().daemon().name("holdfast-compress-", 0).factory());
        reader = Thread.ofPlatform().daemon().name("holdfast-read").start(this::readAll);
    }

    /** The next block with its frame, or null after the last one; throws what reading or compressing threw. */
    @Nullable Block next() throws IOException, InterruptedException {
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

    void giveBack(Block block) {
        free.add(block);
    }

    private void readAll() {
        try {
            Block block;
            boolean first = true;
            do {
                block = free.take();
                block.readFrom(in);
                // An empty stream still makes one frame, so that every artifact has one.
                if (first || block.plainBytes() > 0) {
                    Block full = block;
                    ordered.add(workers.submit(() -> compress(full)));
                }
                first = false;
            } while (block.isFull());
            ordered.add(CompletableFuture.completedFuture(null));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException | Error e) {
            ordered.add(CompletableFuture.failedFuture(e));
        }
    }

    private Block compress(Block block) throws InterruptedException {
        FrameCompressor compressor = compressors.take();
        try {
            block.compress(compressor);
        } finally {
            compressors.add(compressor);
        }
        return block;
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
