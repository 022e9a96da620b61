package io.holdfast.manager.sql;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteJDBCLoader;

/**
 * A file of one manager's own. It has one writer at a time, so writers queue here, fairly, instead of failing as busy
 * there. Every commit is on disk when it returns (WAL, {@code synchronous=FULL}).
 */
non-sealed class Sqlite implements Engine {
    private static final Logger log = LoggerFactory.getLogger(Sqlite.class);
    private static final int CONNECTIONS = 8;

    private final Path file;
    private final InstantSource clock;
    private final ReentrantLock writer = new ReentrantLock(true);

    Sqlite(Path file, InstantSource clock) {
        this.file = file;
        this.clock = clock;
    }

    /** Loads the native library now: the pool's own words for its absence would be that the database is not to be reached. */
    static void load() throws IOException {
        try {
            SQLiteJDBCLoader.initialize();
        } catch (Exception | LinkageError e) {
            throw new IOException(
                    "SQLite's native library cannot be loaded: " + e.getMessage()
                            + "\nHINT: start java with -Dorg.sqlite.lib.path=DIR and -Dorg.sqlite.lib.name=FILE, or with"
                            + " -Djava.io.tmpdir=DIR, where DIR is on a file system that is not mounted noexec",
                    e);
        }
    }

    /** Copies a database that another process may have open, as it is at one moment, into a new file. */
    static void copy(Path from, Path to) throws IOException {
        if (!Files.exists(from)) {
            throw new IOException(from + " is not there");
        }
        with(from, connection -> {
            try (PreparedStatement vacuum = connection.prepareStatement("VACUUM INTO ?")) {
                vacuum.setString(1, to.toString());
                vacuum.execute();
            }
        });
    }

    /** Checks that a file is a whole database. */
    static void check(Path file) throws IOException {
        with(file, connection -> {
            try (Statement statement = connection.createStatement();
                    ResultSet said = statement.executeQuery("PRAGMA quick_check(1)")) {
                if (!said.next() || !"ok".equals(said.getString(1))) {
                    throw new SQLException("it is damaged: " + said.getString(1));
                }
            }
        });
    }

    private interface Work {
        void with(Connection connection) throws SQLException;
    }

    private static void with(Path file, Work work) throws IOException {
        load();
        SQLiteDataSource source = new SQLiteDataSource();
        source.setUrl("jdbc:sqlite:" + file + "?busy_timeout=10000");
        try (Connection connection = source.getConnection()) {
            work.with(connection);
        } catch (SQLException e) {
            throw new IOException(file + " cannot be used: " + e.getMessage(), e);
        }
    }

    @Override
    public DataSource connections() {
        SQLiteDataSource source = new SQLiteDataSource() {
            @Override
            public org.sqlite.SQLiteConnection getConnection(String user, String password) throws SQLException {
                org.sqlite.SQLiteConnection connection = super.getConnection(user, password);
                addClock(connection);
                return connection;
            }
        };
        source.setUrl("jdbc:sqlite:" + file
                + "?journal_mode=WAL&synchronous=FULL&foreign_keys=ON&busy_timeout=10000&transaction_mode=IMMEDIATE"
                // Wrapped keys that a user has taken away from the manager must not stay in free pages.
                + "&secure_delete=ON");
        return source;
    }

    private void addClock(Connection connection) throws SQLException {
        org.sqlite.Function.create(connection, "now_ms", new org.sqlite.Function() {
            @Override
            protected void xFunc() throws SQLException {
                result(clock.millis());
            }
        });
    }

    @Override
    public Optional<String> isolation() {
        return Optional.empty();
    }

    @Override
    public int pooled() {
        return CONNECTIONS;
    }

    @Override
    public String schema(String sqlite) {
        return sqlite;
    }

    @Override
    public void migrate(Jdbi jdbi) {
        write(jdbi, new Turn.OfAll(), handle -> {
            Migrations.apply(handle, this);
            return true;
        });
    }

    @Override
    public <T> T write(Jdbi jdbi, Turn turn, Function<Handle, T> work) {
        writer.lock();
        try {
            return jdbi.inTransaction(work::apply);
        } finally {
            writer.unlock();
        }
    }

    @Override
    public void takeTurn(Handle handle, Turn.OfInstance turn) {
        // Whoever writes is alone.
    }

    @Override
    public void scrub(Jdbi jdbi) {
        writer.lock();
        try {
            boolean busy = jdbi.withHandle(handle -> handle.createQuery("PRAGMA wal_checkpoint(TRUNCATE)")
                    .map((row, context) -> row.getInt(1) != 0)
                    .one());
            if (busy) {
                log.warn("the write-ahead log could not be emptied, since somebody is reading: it is retried");
            }
        } finally {
            writer.unlock();
        }
    }

    @Override
    public boolean isShared() {
        return false;
    }

    @Override
    public boolean isUnreachable(SQLException failure) {
        return false;
    }
}
