package io.holdfast.testbed.hostile;

import io.holdfast.testbed.load.HttpsConnection;
import io.holdfast.testbed.load.Latencies;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Somebody who behaves, and calls again and again: how long each call takes, and what went wrong. In a thread of its own; others may ask
 * for what it has found.
 */
final class Probe implements Runnable {
    private static final int MOST_TOLD = 3;

    private final String name;
    private final Connector connector;
    private final Call call;
    private final boolean anew;
    private final long pauseMillis;
    private volatile Latencies current = new Latencies();
    private volatile boolean over;
    private final List<String> failures = new ArrayList<>();

    /** Connects. */
    interface Connector {
        HttpsConnection connect() throws IOException;
    }

    /** A call over a connection. */
    interface Call {
        HttpsConnection.Answer make(HttpsConnection connection) throws IOException;
    }

    /**
     * Makes it.
     *
     * @param anew whether it connects for each call, as command line clients do, or keeps its connection
     * @param pauseMillis between two calls
     */
    Probe(String name, Connector connector, Call call, boolean anew, long pauseMillis) {
        this.name = name;
        this.connector = connector;
        this.call = call;
        this.anew = anew;
        this.pauseMillis = pauseMillis;
    }

    String name() {
        return name;
    }

    /** Begins to count anew, and answers what was counted. */
    Latencies next() {
        Latencies before = current;
        current = new Latencies();
        return before;
    }

    synchronized List<String> failures() {
        return List.copyOf(failures);
    }

    void stop() {
        over = true;
    }

    @Override
    public void run() {
        HttpsConnection kept = null;
        while (!over) {
            long begin = System.nanoTime();
            try {
                HttpsConnection connection = kept == null ? connector.connect() : kept;
                kept = connection;
                HttpsConnection.Answer answer = call.make(connection);
                if (answer.status() >= 300) {
                    failed(answer.status() + " " + answer.text());
                }
                current.add(System.nanoTime() - begin);
            } catch (IOException e) {
                failed(e.toString());
                close(kept);
                kept = null;
            }
            if (anew) {
                close(kept);
                kept = null;
            }
            try {
                Thread.sleep(pauseMillis);
            } catch (InterruptedException e) {
                return;
            }
        }
        close(kept);
    }

    private static void close(@org.jspecify.annotations.Nullable HttpsConnection connection) {
        if (connection != null) {
            connection.close();
        }
    }

    private synchronized void failed(String what) {
        if (!over && failures.size() < MOST_TOLD) {
            failures.add(what);
        }
    }
}
