package io.holdfast.agent.transfer;

import io.holdfast.agent.attempt.StopSignal;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One segment on its way to the store: cuts what is written to it into parts and uploads them in the background, no more
 * at once than there are {@link PartBuffers}. Closing it sends what is left; {@link #await} waits until the last part has
 * arrived. A part of the attempt that failed for good fails the next write, close or wait. For one writing thread.
 */
public final class SegmentUpload extends OutputStream {
    private final PartUploads uploads;
    private final PartBuffers buffers;
    private final String artifact;
    private final int segment;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Future<?>> parts = new ArrayList<>();
    private final StopSignal.Registration stopping;
    private byte @Nullable [] filling;
    private int filled;
    private boolean closed;

    public SegmentUpload(PartUploads uploads, PartBuffers buffers, String artifact, int segment) {
        this.uploads = uploads;
        this.buffers = buffers;
        this.artifact = artifact;
        this.segment = segment;
        this.stopping = uploads.stop().onStop(executor::shutdownNow);
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int written = 0;
        while (written < length) {
            checkRunning();
            byte[] buffer = filling;
            if (buffer == null) {
                buffer = buffer();
                filling = buffer;
            }
            int n = Math.min(length - written, buffer.length - filled);
            System.arraycopy(bytes, offset + written, buffer, filled, n);
            filled += n;
            written += n;
            if (filled == buffer.length) {
                send();
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        boolean sent = false;
        try {
            checkRunning();
            if (filled > 0) {
                send();
            }
            sent = true;
        } finally {
            if (!sent) {
                abandon();
            }
        }
    }

    /** Waits until all parts of the segment, which was closed, have arrived. */
    public void await() throws IOException {
        try {
            awaitParts();
        } finally {
            abandon();
        }
    }

    /** Stops what is still in flight and gives the memory back. Does nothing when all has arrived. */
    public void abandon() {
        closed = true;
        stopping.close();
        executor.shutdownNow();
        executor.close(); // waits: the buffers come back
        byte[] buffer = filling;
        if (buffer != null) {
            filling = null;
            buffers.give(buffer);
        }
    }

    /** How many parts the segment has. */
    public int parts() {
        return parts.size();
    }

    private void awaitParts() throws IOException {
        for (Future<?> part : parts) {
            try {
                part.get();
            } catch (ExecutionException e) {
                throw PartUploads.failure(e.getCause());
            } catch (CancellationException e) {
                uploads.stop().check();
                throw new IOException("the upload was given up", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw interrupted(e);
            }
        }
    }

    private void send() throws IOException {
        byte[] buffer = filling;
        int size = filled;
        int number = parts.size() + 1;
        filling = null;
        filled = 0;
        if (buffer == null) {
            throw new IllegalStateException("nothing was filled");
        }
        try {
            parts.add(executor.submit(() -> {
                upload(number, buffer, size);
                return number;
            }));
        } catch (RejectedExecutionException e) {
            buffers.give(buffer);
            checkRunning();
            throw new IOException("the upload was given up", e);
        }
    }

    private void upload(int number, byte[] buffer, int size) throws IOException, InterruptedException {
        try {
            uploads.upload(artifact, segment, number, buffer, size);
        } catch (IOException | InterruptedException | RuntimeException | Error e) {
            uploads.failed(e);
            throw e;
        } finally {
            buffers.give(buffer);
        }
    }

    private byte[] buffer() throws IOException {
        try {
            return buffers.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw interrupted(e);
        }
    }

    private void checkRunning() throws IOException {
        uploads.check();
    }

    private static IOException interrupted(InterruptedException e) {
        InterruptedIOException io = new InterruptedIOException("the upload was interrupted");
        io.initCause(e);
        return io;
    }
}
