package io.holdfast.manager.http;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Lets only so many of one caller do something at once, and only so many of all. Others wait for their turn, each caller
 * for itself, so that nobody waits for one who does very much. Any thread may call.
 */
public final class Turns {
    private final int ofOne;
    private final Duration patience;
    private final Semaphore ofAll;
    private final Map<String, Line> lines = new HashMap<>();

    /** Those of one caller who have their turn, or wait for it. */
    private static final class Line {
        private final Semaphore free;
        private int users;

        Line(int ofOne) {
            this.free = new Semaphore(ofOne, true);
        }
    }

    /**
     * Makes it.
     *
     * @param ofOne how many at once of one caller
     * @param ofAll how many at once
     * @param patience how long somebody waits
     */
    public Turns(int ofOne, int ofAll, Duration patience) {
        this.ofOne = ofOne;
        this.ofAll = new Semaphore(ofAll, true);
        this.patience = patience;
    }

    /** Somebody's turn, until it is closed. */
    public interface Turn extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Waits for a turn.
     *
     * @throws HttpError 503 when it does not come in time
     */
    public Turn take(String caller) throws InterruptedException {
        Line line = enter(caller);
        long end = System.nanoTime() + patience.toNanos();
        boolean taken = false;
        boolean first = false;
        try {
            first = line.free.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS);
            taken = first && ofAll.tryAcquire(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        } finally {
            if (!taken) {
                leave(caller, line, first);
            }
        }
        if (!taken) {
            throw first
                    ? new HttpError(
                            ErrorCode.BUSY, "the manager has too many requests to answer", "try again in a while")
                    : new HttpError(
                            ErrorCode.BUSY,
                            "this caller has too many requests at once",
                            "wait for the answers to some of them, then try again");
        }
        return () -> {
            ofAll.release();
            leave(caller, line, true);
        };
    }

    private Line enter(String caller) {
        synchronized (lines) {
            Line line = lines.computeIfAbsent(caller, _ -> new Line(ofOne));
            line.users++;
            return line;
        }
    }

    private void leave(String caller, Line line, boolean hadTurn) {
        if (hadTurn) {
            line.free.release();
        }
        synchronized (lines) {
            line.users--;
            if (line.users == 0) {
                lines.remove(caller);
            }
        }
    }
}
