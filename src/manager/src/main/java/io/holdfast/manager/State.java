package io.holdfast.manager;

import io.holdfast.manager.config.StateConfig;
import io.holdfast.manager.config.StateConfig.EmbeddedState;
import io.holdfast.manager.config.StateConfig.PostgresqlState;
import io.holdfast.manager.sql.Database;
import java.io.IOException;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** The open database, with the lock on it where only one program may work on it. */
record State(Database database, @Nullable StateLock lock) implements AutoCloseable {
    /**
     * Opens the database that the configuration names, making or migrating it.
     *
     * @throws IOException when it cannot be reached, or another program works on an embedded one
     * @throws IllegalStateException when it is newer than this program
     */
    static State open(StateConfig config, InstantSource clock) throws IOException {
        return switch (config) {
            case EmbeddedState(var directory) -> {
                StateLock lock = StateLock.take(directory);
                try {
                    yield new State(Database.sqlite(directory, clock), lock);
                } catch (IOException | RuntimeException e) {
                    lock.close();
                    throw e;
                }
            }
            case PostgresqlState address -> new State(Database.postgresql(address), null);
        };
    }

    @Override
    public void close() throws IOException {
        database.close();
        if (lock != null) {
            lock.close();
        }
    }
}
