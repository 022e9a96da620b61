package io.holdfast.agent;

import io.holdfast.agent.config.AdapterConfig;
import io.holdfast.protocol.RestoreResult;
import io.holdfast.testbed.PostgresCluster;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** Valid data and servers over which backups and restores of PostgreSQL have stumbled: what the tests of them share. */
abstract class PostgresqlRows extends AdapterFixture {
    PostgresCluster cluster;

    @BeforeAll
    void startCluster() {
        cluster = PostgresCluster.start(Map.of("wal_level", "logical"));
    }

    @AfterAll
    void stopCluster() {
        cluster.close();
    }

    @BeforeEach
    void clear() {
        for (String database : cluster.psql(
                        "postgres",
                        "SELECT datname FROM pg_database WHERE datname NOT IN ('postgres', 'template0', 'template1')")
                .lines()
                .toList()) {
            String quoted = '"' + database.replace("\"", "\"\"") + '"';
            cluster.psql("postgres", "ALTER DATABASE " + quoted + " ALLOW_CONNECTIONS true IS_TEMPLATE false");
            cluster.psql(
                    database, "SET role TO none; SET default_transaction_read_only = off; DELETE FROM pg_subscription");
            cluster.psql("postgres", "DROP DATABASE " + quoted + " WITH (FORCE)");
        }
        cluster.psql("postgres", """
                ALTER ROLE ALL RESET ALL;
                DO $$ DECLARE r name; BEGIN
                  FOR r IN SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_' AND rolname <> 'postgres'
                  LOOP EXECUTE format('DROP OWNED BY %1$I CASCADE; DROP ROLE %1$I', r); END LOOP;
                END $$
                """);
    }

    @Override
    AdapterConfig config() {
        return RunningAgent.config(cluster);
    }

    @Override
    String page() {
        return "postgresql";
    }

    @Override
    Map<String, String> environmentByHand() {
        return Map.of(
                "PATH",
                cluster.bin() + ":" + System.getenv("PATH"),
                "PGHOST",
                cluster.host(),
                "PGPORT",
                Integer.toString(cluster.port()),
                "PGUSER",
                PostgresCluster.USER,
                "PGPASSWORD",
                cluster.password());
    }

    interface Change {
        void run() throws Exception;
    }

    /** A backup, something that happens, and a restore of it; with what it says. */
    RestoreResult comesBack(Change change) throws Exception {
        try (RunningAgent agent = agent()) {
            String backup = backup();
            change.run();
            manager.orderRestore(backup, 24);
            RestoreResult result = restored();
            agent.assertNoThreadsLeft();
            return result;
        }
    }

    void shop(String sql) {
        cluster.psql("postgres", "CREATE ROLE app LOGIN PASSWORD '" + cluster.password() + "'");
        cluster.psql("postgres", "CREATE DATABASE shop OWNER app");
        cluster.psql("shop", sql);
    }

    String query(String sql) {
        return cluster.psql("shop", sql);
    }

    Change dropped() {
        return () -> cluster.psql("postgres", "DROP DATABASE shop WITH (FORCE)");
    }

    Change nothing() {
        return () -> {};
    }

    Thread application(String user, AtomicBoolean over) {
        return Thread.ofPlatform().start(() -> {
            while (!over.get()) {
                try {
                    cluster.psql("shop", user, "CREATE TABLE IF NOT EXISTS by_" + user + " (n int)");
                } catch (IllegalStateException e) {
                    // Refused or cut off: it comes again.
                }
            }
        });
    }
}
