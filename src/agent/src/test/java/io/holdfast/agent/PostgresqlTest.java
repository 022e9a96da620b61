package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.CrashPoint;
import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.config.AdapterConfig;
import io.holdfast.agent.config.PostgresqlConfig;
import io.holdfast.agent.process.Command;
import io.holdfast.protocol.FailureCode;
import io.holdfast.testbed.PostgresCluster;
import io.holdfast.testbed.SmallDisk;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The contract against a real PostgreSQL; {@link RestoreTest} has what only PostgreSQL has. */
class PostgresqlTest extends ServerContract {
    private static final String PASSWORD = "of the agent, 'quoted'";
    private static final String OURS = "datname ~ '^holdfast_(new|maintenance)_'";
    private static final String KEPT = "datname ~ '^holdfast_old_'";

    /** Where writers write; it takes no part in the comparison. */
    private static final String LOAD = "load";

    private PostgresCluster cluster;

    @BeforeAll
    void startCluster() {
        cluster = PostgresCluster.start();
        cluster.psql("postgres", "CREATE ROLE holdfast LOGIN SUPERUSER PASSWORD '" + PASSWORD.replace("'", "''") + "'");
    }

    @AfterAll
    void stopCluster() {
        cluster.close();
    }

    @Override
    AdapterConfig config() {
        return config(PASSWORD, cluster.bin());
    }

    @Override
    AdapterConfig withPassword(String password) {
        return config(password, cluster.bin());
    }

    @Override
    AdapterConfig withTools(Path folder) {
        return config(PASSWORD, folder);
    }

    private AdapterConfig config(String password, Path tools) {
        return new PostgresqlConfig(
                cluster.host(),
                cluster.port(),
                "holdfast",
                password,
                "postgres",
                List.of(tools.toString()),
                false,
                Duration.ofMinutes(1),
                Command.UNLIMITED);
    }

    @Override
    String page() {
        return "postgresql";
    }

    @Override
    void fill() {
        lose();
        HardData.create(cluster);
        createLoad();
    }

    @Override
    void fillLittle() {
        lose();
        HardData.createLittle(cluster);
        createLoad();
    }

    private void createLoad() {
        cluster.psql("postgres", "CREATE DATABASE load");
        cluster.psql(LOAD, "CREATE TABLE a (n bigint); CREATE TABLE b (n bigint)");
        checkpoint();
    }

    @Override
    void change() {
        if (cluster.psql("postgres", "SELECT 1 FROM pg_database WHERE datname = 'pattern'")
                .isBlank()) {
            HardData.ruinLittle(cluster);
        } else {
            HardData.ruin(cluster);
        }
        checkpoint();
    }

    /** Else the sequences have other values after a crash: the server's log is some values ahead. */
    private void checkpoint() {
        cluster.psql("postgres", "CHECKPOINT");
    }

    @Override
    void lose() {
        for (String statement : cluster.psql("postgres", """
                SELECT format('ALTER DATABASE %1$I IS_TEMPLATE false; DROP DATABASE %1$I WITH (FORCE)', datname)
                FROM pg_database WHERE datname NOT IN ('postgres', 'template0', 'template1')
                """).lines().toList()) {
            for (String each : statement.split("; ", 2)) {
                cluster.psql("postgres", each);
            }
        }
        cluster.psql("template1", "DROP TABLE IF EXISTS in_all_new_databases");
        cluster.psql("postgres", "DROP TABLE IF EXISTS not_in_the_backup");
        cluster.psql("postgres", """
                ALTER ROLE ALL RESET ALL;
                DO $$ DECLARE roles name[]; r name; BEGIN
                  SELECT array_agg(rolname) INTO roles FROM pg_roles
                    WHERE rolname !~ '^pg_' AND rolname NOT IN ('postgres', 'holdfast');
                  FOREACH r IN ARRAY coalesce(roles, '{}')
                  LOOP EXECUTE format('ALTER ROLE %1$I NOSUPERUSER; DROP OWNED BY %1$I CASCADE', r); END LOOP;
                  FOREACH r IN ARRAY coalesce(roles, '{}') LOOP EXECUTE format('DROP ROLE %I', r); END LOOP;
                END $$
                """);
    }

    @Override
    String listing() {
        List<String> lines = new ArrayList<>();
        boolean inLoad = false;
        for (String line : cluster.dumpAll().lines().toList()) {
            inLoad = line.startsWith("\\connect") ? line.equals("\\connect " + LOAD) : inLoad;
            if (!inLoad || !line.matches("[0-9]+")) {
                lines.add(line);
            }
        }
        return String.join("\n", lines);
    }

    @Override
    void spoil() {
        cluster.psql("latin", "DROP TABLE umlauts");
    }

    /** A staged database that is not there cannot take the place of the live one. */
    @Override
    void garble(Path staged) {
        String restore = String.valueOf(
                        Objects.requireNonNull(staged.getParent()).getFileName())
                .replace("restore-", "");
        cluster.psql("holdfast_maintenance_" + restore, "DROP DATABASE holdfast_new_" + restore + "_1");
    }

    @Override
    List<CrashPoint> earlyCrashPoints() {
        return List.of(CrashPoint.JOB_CLAIMED, CrashPoint.ROLES_CREATED, CrashPoint.DATABASE_STAGED);
    }

    @Override
    int kept() {
        return count(KEPT);
    }

    @Override
    void assertNothingLeft(RunningAgent agent) throws Exception {
        super.assertNothingLeft(agent);
        assertThat(count(OURS)).isZero();
    }

    private int count(String databases) {
        return Integer.parseInt(cluster.psql("template1", "SELECT count(*) FROM pg_database WHERE " + databases));
    }

    /** All that stand after the first one, which opens the key. */
    @Override
    String commandsByHand(String heading) throws IOException {
        String document = document("recovery.md");
        StringBuilder commands = new StringBuilder();
        for (int at = document.indexOf("\n2. "); (at = document.indexOf("```sh\n", at)) >= 0; ) {
            int end = document.indexOf("```", at + 6);
            commands.append(document, at + 6, end);
            at = end + 3;
        }
        return commands.toString();
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

    @Override
    void kill() {
        cluster.crash();
    }

    @Override
    void restart() {
        cluster.startAgain();
    }

    @Override
    void fillLarge() {
        cluster.psql(LOAD, """
                CREATE TABLE large AS SELECT n, (SELECT string_agg(decode(md5(n || '.' || i), 'hex'), ''::bytea)
                  FROM generate_series(1, 6250) i) FROM generate_series(1, 400) n
                """);
    }

    @Override
    Writer writer() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                cluster.bin().resolve("psql").toString(),
                "--no-psqlrc",
                "--quiet",
                "--no-align",
                "--tuples-only",
                "--dbname=postgresql:///load?host=127.0.0.1&port=" + cluster.port() + "&user=" + PostgresCluster.USER);
        builder.environment().put("PGPASSWORD", cluster.password());
        Process client = builder.redirectErrorStream(true).start();
        var answers = client.inputReader();
        OutputStream statements = client.getOutputStream();
        return new Writer() {
            @Override
            public void write(long number) throws IOException {
                statements.write(("WITH a AS (INSERT INTO a VALUES (%1$d)), b AS (INSERT INTO b VALUES (%1$d))"
                                + " SELECT %1$d;\n")
                        .formatted(number)
                        .getBytes(StandardCharsets.UTF_8));
                statements.flush();
                if (!Long.toString(number).equals(answers.readLine())) {
                    throw new IOException("the connection is lost");
                }
            }

            @Override
            public void close() {
                client.destroyForcibly().onExit().join();
            }
        };
    }

    @Override
    List<Long> written() {
        assertThat(cluster.psql(LOAD, "SELECT count(*) FROM a FULL JOIN b USING (n) WHERE a.n IS NULL OR b.n IS NULL"))
                .isEqualTo("0");
        return cluster.psql(LOAD, "SELECT n FROM a ORDER BY n")
                .lines()
                .map(Long::valueOf)
                .toList();
    }

    /** What is restored lies on the server's disk only. It is not tried how far one gets there: the server would stop. */
    @Override
    @Test
    void dl04_fullDiskLeavesTheLiveDataAsItIs() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(directory.resolve("small"), 200_000_000)) {
            for (Path each : List.of(directory, disk.path())) {
                Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
            PostgresCluster small =
                    PostgresCluster.startIn(Files.createDirectory(disk.path().resolve("server")), Map.of());
            try (RunningAgent agent =
                    new RunningAgent(manager, RunningAgent.config(small), directory, CrashPoints.none())) {
                small.psql(
                        "postgres",
                        "CREATE TABLE t AS SELECT repeat(md5(n::text), 40) FROM generate_series(1, 30000) n");
                String backup = backup();
                String before = small.dumpAll();
                String leave = "head -c $(($(stat -f -c '%a * %S' \"$1\") - 30000000)) /dev/zero > \"$1/ballast\"";
                HardTree.shell(leave, disk.path());
                manager.orderRestore(backup, 24);
                assertThat(failedRestore().code()).isEqualTo(FailureCode.DISK_FULL);
                assertThat(small.dumpAll()).isEqualTo(before);
                Await.until(() -> journals().isEmpty());
                agent.assertNoThreadsLeft();
            } finally {
                small.close();
            }
        }
    }
}
