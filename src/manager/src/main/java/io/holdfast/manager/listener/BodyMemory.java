package io.holdfast.manager.listener;

import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The memory that bodies may take, of all requests to all listeners together. A request keeps its share until it is
 * answered, since what a body is turned into takes memory too, many times as much; therefore {@linkplain #LARGE large}
 * ones come two at a time. Any thread may call.
 */
public final class BodyMemory {
    /** A body of more bytes than this is large. */
    static final int LARGE = 64 * 1024;

    private static final int LARGE_AT_ONCE = 2;
    private static final int LEAST = 4 * 1024 * 1024;
    private static final int PART_OF_HEAP = 16;

    private final Semaphore bytes;
    private final Semaphore large = new Semaphore(LARGE_AT_ONCE, true);

    /**
     * Makes it.
     *
     * @param heap bytes that the JVM may use at most
     */
    public BodyMemory(long heap) {
        this.bytes = new Semaphore(Math.clamp(heap / PART_OF_HEAP, LEAST, Integer.MAX_VALUE));
    }

    /** What one request has of it. */
    final class Share implements AutoCloseable {
        private final int size;

        private Share(int size) {
            this.size = size;
        }

        @Override
        public void close() {
            bytes.release(size);
            if (size > LARGE) {
                large.release();
            }
        }
    }

    /**
     * Takes a share. Small ones overtake large ones.
     *
     * @throws HttpError 503 when there is none for too long
     */
    Share take(int size, Duration patience) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        if (size > LARGE && !large.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS)) {
            throw busy();
        }
        if (!bytes.tryAcquire(size, end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
            if (size > LARGE) {
                large.release();
            }
            throw busy();
        }
        return new Share(size);
    }

    private static HttpError busy() {
        return new HttpError(
                ErrorCode.BUSY, "the manager has too many bodies of requests to read", "try again in a while");
    }
}
