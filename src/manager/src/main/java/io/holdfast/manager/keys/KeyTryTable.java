package io.holdfast.manager.keys;

import io.holdfast.manager.sql.Database;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Counts the passphrases that are tried on each instance, so that all managers together allow only so many wrong ones in
 * a while. A try counts from its beginning: those at the same time are not free.
 */
final class KeyTryTable {
    private final Database database;
    private final int most;
    private final Duration within;

    /**
     * Makes the count.
     *
     * @param most how many wrong ones
     * @param within in this while, which begins with the first of them
     */
    KeyTryTable(Database database, int most, Duration within) {
        this.database = database;
        this.most = most;
        this.within = within;
    }

    /** Begins a try. Returns empty when it may go on, or how long there may be none. */
    Optional<Duration> begin(long instance) {
        return database.write(handle -> {
            int allowed = handle.createUpdate("""
                            UPDATE instance SET
                              key_tries = CASE WHEN key_tries > 0 AND key_tries_from > %1$s - :within
                                THEN key_tries + 1 ELSE 1 END,
                              key_tries_from = CASE WHEN key_tries > 0 AND key_tries_from > %1$s - :within
                                THEN key_tries_from ELSE %1$s END
                            WHERE id = :id AND (key_tries < :most OR key_tries_from <= %1$s - :within)
                            """.formatted(Database.NOW))
                    .bind("within", within.toMillis())
                    .bind("most", most)
                    .bind("id", instance)
                    .execute();
            return allowed == 1
                    ? Optional.empty()
                    : Optional.of(Duration.between(
                                    database.now(),
                                    handle.createQuery("SELECT key_tries_from FROM instance WHERE id = :id")
                                            .bind("id", instance)
                                            .mapTo(Instant.class)
                                            .one())
                            .plus(within));
        });
    }

    /** A try was right: the count begins anew. */
    void succeeded(long instance) {
        database.write(handle -> handle.createUpdate("UPDATE instance SET key_tries = 0 WHERE id = :id")
                .bind("id", instance)
                .execute());
    }
}
