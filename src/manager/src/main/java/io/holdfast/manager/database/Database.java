package io.holdfast.manager.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.argument.ArgumentFactory;
import org.jdbi.v3.core.mapper.ColumnMapper;
import org.jspecify.annotations.Nullable;

/**
 * The SQLite database and its transactions.
 *
 * <p>SQLite has one writer at a time, so writers queue here, fairly, instead of failing as busy there. Every commit is
 * on disk when it returns (WAL, {@code synchronous=FULL}). Times come from the database's clock, {@link #NOW}, so that
 * leases are judged by one clock only.
 *
 * <p>May be used by any thread. A transaction belongs to its thread; what runs inside joins it.
 */
public final class Database implements AutoCloseable {
    /** The name of the SQLite database in its directory. */
    public static final String FILE = "manager.db";

    /** The database's clock, in milliseconds since 1970. */
    static final String NOW = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";

    private static final ScopedValue<Transaction> CURRENT = ScopedValue.newInstance();
    private static final int CONNECTIONS = 8;

    private final HikariDataSource source;
    private final Jdbi jdbi;
    private final ReentrantLock writer = new ReentrantLock(true);

    /**
     * Opens the database below a directory, making or migrating it.
     *
     * @throws IOException when the directory cannot be made, or the database is newer than this program
     */
    public Database(Path directory) throws IOException {
        Files.createDirectories(directory);
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:sqlite:" + directory.resolve(FILE)
                + "?journal_mode=WAL&synchronous=FULL&foreign_keys=ON&busy_timeout=10000&transaction_mode=IMMEDIATE");
        config.setMaximumPoolSize(CONNECTIONS);
        config.setPoolName("database");
        this.source = new HikariDataSource(config);
        this.jdbi = Jdbi.create(source)
                .registerColumnMapper(
                        Instant.class, (ColumnMapper<Instant>) (row, column, context) -> instant(row, column))
                .registerArgument((ArgumentFactory) (type, value, registry) -> value instanceof Instant time
                        ? Optional.of(
                                (position, statement, context) -> statement.setLong(position, time.toEpochMilli()))
                        : Optional.empty());
        write(handle -> {
            Migrations.apply(handle);
            return true;
        });
    }

    private static @Nullable Instant instant(ResultSet row, int column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? null : Instant.ofEpochMilli(millis);
    }

    /**
     * Runs work in one writing transaction: all of it or, when it throws, nothing. Work that calls this again joins.
     */
    public <T> T transaction(Supplier<T> work) {
        return write(handle -> work.get());
    }

    /** Runs something once the present transaction is committed; at once when there is none. */
    public void afterCommit(Runnable action) {
        if (CURRENT.isBound()) {
            CURRENT.get().afterCommit().add(action);
        } else {
            action.run();
        }
    }

    <T> T write(Function<Handle, T> work) {
        if (CURRENT.isBound()) {
            return work.apply(CURRENT.get().handle());
        }
        List<Runnable> afterCommit = new ArrayList<>();
        T result;
        writer.lock();
        try {
            result = jdbi.inTransaction(handle -> ScopedValue.where(CURRENT, new Transaction(handle, afterCommit))
                    .call(() -> work.apply(handle)));
        } finally {
            writer.unlock();
        }
        afterCommit.forEach(Runnable::run);
        return result;
    }

    <T> T read(Function<Handle, T> query) {
        return CURRENT.isBound() ? query.apply(CURRENT.get().handle()) : jdbi.withHandle(query::apply);
    }

    /**
     * Copies the SQLite database into a new file, as it is at one moment. Others go on reading and writing meanwhile.
     *
     * @param file must not be there
     */
    public void copyTo(Path file) {
        jdbi.useHandle(handle -> handle.execute("VACUUM INTO ?", file.toString()));
    }

    /** The database's clock. */
    public Instant now() {
        return read(handle ->
                handle.createQuery("SELECT " + NOW).mapTo(Instant.class).one());
    }

    @Override
    public void close() {
        source.close();
    }

    private record Transaction(Handle handle, List<Runnable> afterCommit) {}
}
