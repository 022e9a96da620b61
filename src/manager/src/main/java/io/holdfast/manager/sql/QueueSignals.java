package io.holdfast.manager.sql;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the managers that share a database that an instance's queue has changed, so that agents which wait at another
 * manager hear of it at once. Signals may get lost: who waits also looks on its own now and then. With a database of one
 * manager's own it does nothing.
 */
public final class QueueSignals implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(QueueSignals.class);
    private static final String CHANNEL = "holdfast_queue";
    private static final Duration RECONNECT = Duration.ofSeconds(1);
    private static final int LOOK_MILLIS = 10_000;

    private final Database database;
    private final @Nullable Postgresql shared;
    private @Nullable Thread listener;

    public QueueSignals(Database database) {
        this.database = database;
        this.shared = database.engine() instanceof Postgresql postgresql ? postgresql : null;
    }

    /** Tells the other managers. */
    public void send(long instance) {
        if (shared != null) {
            database.read(handle -> handle.createQuery("SELECT 1 FROM pg_notify('" + CHANNEL + "', :instance)")
                    .bind("instance", Long.toString(instance))
                    .mapTo(Integer.class)
                    .list());
        }
    }

    /** Hears what other managers and this one tell, until closed. */
    public void listen(LongConsumer heard) {
        if (shared != null) {
            Postgresql from = shared;
            listener = Thread.ofVirtual().name("queue signals").start(() -> {
                while (!Thread.currentThread().isInterrupted()) {
                    listenOnce(from, heard);
                }
            });
        }
    }

    private static void listenOnce(Postgresql from, LongConsumer heard) {
        try (Connection connection = from.connections().getConnection()) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("LISTEN " + CHANNEL);
            }
            PGConnection signals = connection.unwrap(PGConnection.class);
            while (!Thread.currentThread().isInterrupted()) {
                for (PGNotification each : signals.getNotifications(LOOK_MILLIS)) {
                    heard.accept(Long.parseLong(each.getParameter()));
                }
            }
        } catch (SQLException | NumberFormatException e) {
            if (Thread.currentThread().isInterrupted()) {
                return; // closing: that ends the wait
            }
            log.warn("no signals from other managers arrive; agents wait a few seconds longer for jobs", e);
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(RECONNECT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        if (listener != null) {
            listener.interrupt();
            try {
                // It reads from a socket for ten seconds at most.
                listener.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
