package io.holdfast.agent.adapter;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A call that works with a socket, with an end: nothing else ends the writing to somebody who keeps the connection and
 * takes nothing. Sockets of virtual threads break when their thread is interrupted, also below TLS.
 */
public final class BoundedCall {
    private BoundedCall() {}

    /**
     * Makes the call in a thread of its own. An interrupt of the caller ends it too.
     *
     * @throws SocketTimeoutException when it takes longer than the limit
     * @throws InterruptedIOException when the caller is interrupted, which stays noted
     */
    public static <T> T of(Duration limit, Callable<T> call) throws IOException {
        FutureTask<T> task = new FutureTask<>(call);
        Thread thread = Thread.ofVirtual().start(task);
        try {
            return task.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            thread.interrupt();
            SocketTimeoutException late = new SocketTimeoutException("it neither reads nor writes anything");
            late.initCause(e);
            throw late;
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
            InterruptedIOException io = new InterruptedIOException("the wait for an answer was interrupted");
            io.initCause(e);
            throw io;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw new IllegalStateException(e.getCause());
        }
    }
}
