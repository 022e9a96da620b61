package io.holdfast.manager.listener;

import io.holdfast.manager.http.Body;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.thread.Invocable;
import org.jspecify.annotations.Nullable;

/**
 * A body that comes over the network. It has to be there by a time of its own, whatever else the connection does; that it
 * is not, or is cut off, is the caller's mistake and not one of the manager. Its memory is counted, see
 * {@link BodyMemory}.
 */
final class ArrivingBody implements Body, AutoCloseable {
    /** The most bytes that are read of somebody who is not known. */
    static final int STRANGERS_BYTES = 4096;

    private static final int UNKNOWN_LENGTH_STEP = 4096;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final Content.Source source;
    private final long announced;
    private final Limits limits;
    private final BodyMemory memory;
    private BodyMemory.@Nullable Share share;
    private Content.@Nullable Chunk begun;
    private boolean known;
    private boolean whole;
    private boolean late;

    /**
     * Makes it.
     *
     * @param announced its length in bytes, or -1
     */
    ArrivingBody(Content.Source source, long announced, Limits limits, BodyMemory memory) {
        this.source = source;
        this.announced = announced;
        this.limits = limits;
        this.memory = memory;
    }

    /** From now on its route says how long it may be. */
    void known() {
        known = true;
    }

    @Override
    public byte[] bytes(int most) throws IOException {
        int allowed = known ? most : Math.min(most, STRANGERS_BYTES);
        if (announced > allowed) {
            throw Body.tooLarge(allowed);
        }
        int size = announced < 0 ? allowed : (int) announced;
        try {
            if (size > 0 && share == null) {
                share = memory.take(size, limits.waiting());
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
        ByteArrayOutputStream content = new ByteArrayOutputStream(announced < 0 ? UNKNOWN_LENGTH_STEP : size);
        long end = end(size);
        byte[] buffer = new byte[Math.min(size + 1, UNKNOWN_LENGTH_STEP)];
        for (int read = read(buffer, 0, buffer.length, end); read >= 0; read = read(buffer, 0, buffer.length, end)) {
            content.write(buffer, 0, read);
            if (content.size() > allowed) {
                throw Body.tooLarge(allowed);
            }
        }
        return content.toByteArray();
    }

    @Override
    public InputStream stream() {
        long end = end(Math.max(announced, 0));
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                return ArrivingBody.this.read(target, offset, length, end);
            }
        };
    }

    /**
     * Reads on without telling anybody: a client that first sends everything would not see the answer else.
     *
     * @param most bytes
     * @param patience how long at most; null when nothing is waited for
     */
    void drop(int most, @Nullable Duration patience) {
        long end = System.nanoTime() + (patience == null ? 0 : patience.toNanos());
        int left = most;
        try {
            while (!whole && !late && left > 0) {
                Content.Chunk chunk = begun != null ? begun : patience == null ? source.read() : next(end);
                if (chunk == null || Content.Chunk.isFailure(chunk)) {
                    return;
                }
                left -= chunk.remaining();
                pass(chunk, chunk.remaining());
            }
        } catch (IOException | HttpError e) {
            late = true;
        }
    }

    /** Whether all of it was read, so that another request can follow on the connection. */
    boolean isWhole() {
        return whole;
    }

    /** Whether the wait for it ended without it. */
    boolean isLate() {
        return late;
    }

    /** Gives its memory back. */
    @Override
    public void close() {
        if (begun != null) {
            begun.release();
            begun = null;
        }
        if (share != null) {
            share.close();
            share = null;
        }
    }

    private long end(long size) {
        return System.nanoTime()
                + limits.patience().toNanos()
                + size * NANOS_PER_SECOND / Limits.SLOWEST_BYTES_PER_SECOND;
    }

    private int read(byte[] target, int offset, int length, long end) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (!whole) {
            Content.Chunk chunk = begun == null ? next(end) : begun;
            if (chunk == null) {
                throw late();
            }
            ByteBuffer bytes = chunk.getByteBuffer();
            int read = Math.min(length, bytes.remaining());
            bytes.get(target, offset, read);
            pass(chunk, 0);
            if (read > 0) {
                return read;
            }
        }
        return -1;
    }

    /** Is done with some of a chunk; with all of it, when nothing is left in it then. */
    private void pass(Content.Chunk chunk, int skipped) {
        ByteBuffer bytes = chunk.getByteBuffer();
        bytes.position(bytes.position() + skipped);
        if (bytes.hasRemaining()) {
            begun = chunk;
            return;
        }
        begun = null;
        whole = chunk.isLast();
        chunk.release();
    }

    /** The next chunk; null when it does not come by a time. */
    private Content.@Nullable Chunk next(long end) throws IOException {
        while (!late) {
            Content.Chunk chunk = source.read();
            if (chunk != null) {
                if (Content.Chunk.isFailure(chunk)) {
                    throw late();
                }
                return chunk;
            }
            CountDownLatch there = new CountDownLatch(1);
            source.demand(Invocable.from(Invocable.InvocationType.NON_BLOCKING, there::countDown));
            try {
                // When it does not come, the demand is left, and nothing can be read any more.
                late = !there.await(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                late = true;
                throw interrupted(e);
            }
        }
        return null;
    }

    private HttpError late() {
        late = true;
        return new HttpError(
                ErrorCode.REQUEST_TIMEOUT,
                "the body did not come, was cut off, or came too slowly",
                "send it at once and whole");
    }

    private static IOException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IOException("the manager is stopping", e);
    }
}
