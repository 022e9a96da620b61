package io.holdfast.manager.sql;

import io.holdfast.manager.config.StateConfig.PostgresqlState;
import io.holdfast.testbed.PostgresCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A real database for a test. All tests with it are run twice: on SQLite, and with {@code -Dtest.database=postgresql} on
 * a PostgreSQL server, where each folder stands for a database of its own.
 */
public final class TestDatabase {
    private static final Map<Path, String> NAMES = new HashMap<>();
    private static @Nullable PostgresCluster cluster;

    private TestDatabase() {}

    /** Opens the database that belongs to a folder, making it the first time. */
    public static Database open(Path folder) {
        try {
            return isPostgresql()
                    ? Database.postgresql(postgresql(folder))
                    : Database.sqlite(folder, Clock.systemUTC());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether the tests run on PostgreSQL this time. */
    public static boolean isPostgresql() {
        return "postgresql".equals(System.getProperty("test.database"));
    }

    /** The PostgreSQL database that belongs to a folder, on a server that ends with this JVM. */
    public static synchronized PostgresqlState postgresql(Path folder) {
        PostgresCluster server = cluster();
        String name = NAMES.computeIfAbsent(folder, _ -> {
            String fresh = "state_" + NAMES.size();
            server.psql("postgres", "CREATE DATABASE " + fresh);
            return fresh;
        });
        return new PostgresqlState(
                server.host(), server.port(), name, PostgresCluster.USER, server.password(), false, null);
    }

    /** The server of this JVM. */
    public static synchronized PostgresCluster cluster() {
        PostgresCluster server = cluster;
        if (server == null) {
            // What is tested here is not whether it bears a loss of power.
            server = PostgresCluster.start(Map.of("fsync", "off", "max_connections", "200"));
            cluster = server;
        }
        return server;
    }

    /** Runs SQL that no part of the manager would run, such as moving a lease into the past. */
    public static void run(Database database, String sql) {
        database.write(handle -> handle.execute(sql));
    }
}
