package io.holdfast.manager.sql;

import java.sql.SQLException;
import java.util.Optional;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * What differs between the databases that the state can be in: how one connects, how the schema is written, and how
 * writing transactions come one after the other. All else is the same SQL for both; the clock is its function
 * {@code now_ms()}.
 */
sealed interface Engine permits Sqlite, Postgresql {
    /** Where connections come from. */
    DataSource connections();

    /** The level of isolation between transactions, by its JDBC name; empty for the only one that there is. */
    Optional<String> isolation();

    /** How many connections are kept. */
    int pooled();

    /** The schema's text, which is written in SQLite's words, in this database's. */
    String schema(String sqlite);

    /** Brings the schema up to date, alone among all managers. */
    void migrate(Jdbi jdbi);

    /**
     * Runs work in a writing transaction that has its turn. The work may be run more than once, each time from the beginning
     * and with nothing left of the time before.
     */
    <T> T write(Jdbi jdbi, Turn turn, Function<Handle, T> work);

    /** Lets a transaction that runs keep out those of one more instance. */
    void takeTurn(Handle handle, Turn.OfInstance turn);

    /** Lets go of what was overwritten or deleted, where that is this program's to do. Repeatable. */
    void scrub(Jdbi jdbi);

    /** Whether other managers may work on the same state. */
    boolean isShared();

    /** Whether a failure means that the database cannot be reached now, not that it refused a statement. */
    boolean isUnreachable(SQLException failure);
}
