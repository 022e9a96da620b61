package io.holdfast.manager.sql;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import io.holdfast.manager.config.StateConfig.PostgresqlState;
import io.holdfast.manager.transaction.DatabaseUnreachable;
import io.holdfast.manager.transaction.Transactions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.argument.AbstractArgumentFactory;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.config.ConfigRegistry;
import org.jdbi.v3.core.mapper.ColumnMapper;
import org.jspecify.annotations.Nullable;

/**
 * The database with the manager's state, and its transactions. Times come from the database's clock, {@link #NOW}, so
 * that leases are judged by one clock only.
 *
 * <p>May be used by any thread. A transaction belongs to its thread; what runs inside joins it. Methods throw
 * {@link DatabaseUnreachable} when there is no database now.
 */
public final class Database implements Transactions, AutoCloseable {
    /** The name of the SQLite database in its directory. */
    public static final String FILE = "manager.db";

    /** The database's clock, in milliseconds since 1970. */
    public static final String NOW = "now_ms()";

    private static final Turn ALL = new Turn.OfAll();

    private static final int CONNECT_MILLIS = 10_000;

    /** Of this database: a thread may be in a transaction of another one too. */
    private final ScopedValue<Transaction> current = ScopedValue.newInstance();

    private final Engine engine;
    private final HikariDataSource source;
    private final Jdbi jdbi;

    /** Leaves writers a connection: one that waited for it behind all readers would keep all other writers waiting. */
    private final Semaphore readers;

    Database(Engine engine) throws IOException {
        this.engine = engine;
        this.readers = new Semaphore(engine.pooled() - 1, true);
        HikariConfig config = new HikariConfig();
        config.setDataSource(engine.connections());
        config.setMaximumPoolSize(engine.pooled());
        config.setConnectionTimeout(CONNECT_MILLIS);
        config.setPoolName("database");
        engine.isolation().ifPresent(config::setTransactionIsolation);
        try {
            this.source = new HikariDataSource(config);
        } catch (PoolInitializationException e) {
            throw new IOException(
                    "the database cannot be reached: " + reason(e)
                            + "\nHINT: look at the address, the user and the certificate in the configuration",
                    e);
        }
        this.jdbi = Jdbi.create(source)
                .registerColumnMapper(
                        Instant.class, (ColumnMapper<Instant>) (row, column, context) -> instant(row, column))
                .registerArgument(new InstantArgument());
        try {
            engine.migrate(jdbi);
        } catch (RuntimeException e) {
            source.close();
            throw e;
        }
    }

    private static String reason(Throwable failure) {
        SQLException cause = sqlCause(failure);
        return String.valueOf((cause == null ? failure : cause).getMessage());
    }

    /**
     * Opens the SQLite database of one manager below a directory, making or migrating it.
     *
     * @param clock what becomes the database's clock
     * @throws IOException when the directory cannot be made, or SQLite's native library not be loaded
     * @throws IllegalStateException when the database is newer than this program
     */
    public static Database sqlite(Path directory, InstantSource clock) throws IOException {
        Sqlite.load();
        Files.createDirectories(directory);
        return new Database(new Sqlite(directory.resolve(FILE), clock));
    }

    /**
     * Opens a PostgreSQL database that several managers may share, making or migrating the schema.
     *
     * @throws IOException when it cannot be reached
     * @throws IllegalStateException when the schema is newer than this program
     */
    public static Database postgresql(PostgresqlState address) throws IOException {
        return new Database(new Postgresql(address));
    }

    private static @Nullable Instant instant(ResultSet row, int column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? null : Instant.ofEpochMilli(millis);
    }

    Engine engine() {
        return engine;
    }

    /** Whether other managers may work on the same state at the same time. */
    public boolean isShared() {
        return engine.isShared();
    }

    @Override
    public <T> T transaction(Supplier<T> work) {
        return write(handle -> work.get());
    }

    @Override
    public <T> T transaction(long instance, Supplier<T> work) {
        return write(instance, handle -> work.get());
    }

    @Override
    public void afterCommit(Runnable action) {
        if (current.isBound()) {
            current.get().afterCommit().add(action);
        } else {
            action.run();
        }
    }

    /** Runs statements in one writing transaction, as {@link #transaction(Supplier)}. For tables alone. */
    public <T> T write(Function<Handle, T> work) {
        return write(ALL, work);
    }

    /** Runs statements in one writing transaction, as {@link #transaction(long, Supplier)}. For tables alone. */
    public <T> T write(long instance, Function<Handle, T> work) {
        return write(new Turn.OfInstance(instance), work);
    }

    /**
     * Runs statements that need no turn: each decides by the rows alone that it changes, or by what never changes again. For
     * tables alone.
     */
    public <T> T note(Function<Handle, T> work) {
        return write(new Turn.Unordered(), work);
    }

    private <T> T write(Turn turn, Function<Handle, T> work) {
        if (current.isBound()) {
            Transaction joined = current.get();
            if (turn instanceof Turn.OfInstance one
                    && joined.turns().add(one)
                    && !joined.turns().contains(ALL)) {
                engine.takeTurn(joined.handle(), one);
            }
            return work.apply(joined.handle());
        }
        List<Runnable> afterCommit = new ArrayList<>();
        T result = reached(() -> engine.write(jdbi, turn, handle -> {
            afterCommit.clear();
            return ScopedValue.where(current, new Transaction(handle, new HashSet<>(Set.of(turn)), afterCommit))
                    .call(() -> work.apply(handle));
        }));
        afterCommit.forEach(Runnable::run);
        return result;
    }

    /** Runs queries; in the present transaction if there is one. For tables alone. */
    public <T> T read(Function<Handle, T> query) {
        if (current.isBound()) {
            return query.apply(current.get().handle());
        }
        readers.acquireUninterruptibly();
        try {
            return reached(() -> jdbi.withHandle(query::apply));
        } finally {
            readers.release();
        }
    }

    private <T> T reached(Supplier<T> work) {
        try {
            return work.get();
        } catch (JdbiException e) {
            SQLException cause = sqlCause(e);
            if (cause != null && engine.isUnreachable(cause)) {
                throw new DatabaseUnreachable("the database cannot be reached: " + cause.getMessage(), e);
            }
            throw e;
        }
    }

    /** The database's own error behind a failure, if there is one. */
    static @Nullable SQLException sqlCause(Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof SQLException found) {
                return found;
            }
        }
        return null;
    }

    /**
     * Copies the SQLite database into a new file, as it is at one moment. Others go on reading and writing meanwhile.
     *
     * @param file must not be there
     */
    public void copyTo(Path file) {
        if (engine.isShared()) {
            throw new IllegalStateException("only an SQLite database is a file");
        }
        jdbi.useHandle(handle -> handle.execute("VACUUM INTO ?", file.toString()));
    }

    /**
     * Lets go of what was overwritten or deleted: with SQLite the write-ahead log is emptied into the file, in which nothing
     * of it is left. Repeatable; what somebody still reads goes the next time.
     */
    @Override
    public void scrub() {
        reached(() -> {
            engine.scrub(jdbi);
            return true;
        });
    }

    /**
     * Copies the SQLite database in a directory, which another process may have open, into a new file.
     *
     * @throws IOException when there is none, or it cannot be copied
     */
    public static void copySqlite(Path directory, Path file) throws IOException {
        Sqlite.copy(directory.resolve(FILE), file);
    }

    /**
     * Checks that a file is a whole SQLite database.
     *
     * @throws IOException when it is not
     */
    public static void checkSqlite(Path file) throws IOException {
        Sqlite.check(file);
    }

    @Override
    public Instant now() {
        return read(handle ->
                handle.createQuery("SELECT " + NOW).mapTo(Instant.class).one());
    }

    @Override
    public void close() {
        source.close();
    }

    /** Binds a time as milliseconds since 1970. */
    private static final class InstantArgument extends AbstractArgumentFactory<Instant> {
        private InstantArgument() {
            super(Types.BIGINT);
        }

        @Override
        protected Argument build(Instant value, ConfigRegistry config) {
            return (position, statement, context) -> statement.setLong(position, value.toEpochMilli());
        }
    }

    private record Transaction(Handle handle, Set<Turn> turns, List<Runnable> afterCommit) {}
}
