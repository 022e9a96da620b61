package io.holdfast.manager.database;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.sqlite.SQLiteDataSource;

/**
 * A file of one manager's own. It has one writer at a time, so writers queue here, fairly, instead of failing as busy
 * there. Every commit is on disk when it returns (WAL, {@code synchronous=FULL}).
 */
non-sealed class Sqlite implements Engine {
    private static final int CONNECTIONS = 8;

    private final Path file;
    private final InstantSource clock;
    private final ReentrantLock writer = new ReentrantLock(true);

    Sqlite(Path file, InstantSource clock) {
        this.file = file;
        this.clock = clock;
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
                + "?journal_mode=WAL&synchronous=FULL&foreign_keys=ON&busy_timeout=10000&transaction_mode=IMMEDIATE");
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
    public int pooled() {
        return CONNECTIONS;
    }

    @Override
    public String schema(String sqlite) {
        return sqlite;
    }

    @Override
    public void migrate(Jdbi jdbi) {
        write(jdbi, handle -> {
            Migrations.apply(handle, this);
            return true;
        });
    }

    @Override
    public <T> T write(Jdbi jdbi, Function<Handle, T> work) {
        writer.lock();
        try {
            return jdbi.inTransaction(work::apply);
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
