package io.holdfast.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.testbed.PostgresCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The commands of docs/recovery.md, as they stand there, on what the manager and the agent have left in the store. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RecoveryByHandTest {
    private static final String INSTANCE = "shop-1";
    private static final Pattern COMMAND = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);

    private final Landscape landscape = new Landscape();
    private final PostgresCluster cluster = PostgresCluster.start();
    private List<String> commands = List.of();
    private String withPassphrase = "";
    private String backup = "";
    private String before = "";

    @TempDir
    private Path folder = Path.of("");

    @BeforeAll
    void makeBackup() throws IOException {
        String document = Files.readString(JavaProcess.root().resolve("docs/recovery.md"));
        commands = COMMAND.matcher(document)
                .results()
                .map(block -> block.group(1).strip())
                .toList();
        assertThat(commands).hasSize(5);
        withPassphrase = document.substring(
                document.indexOf("```bash\n") + 8, document.indexOf("```", document.indexOf("```bash\n") + 8));

        cluster.psql(
                "postgres",
                "CREATE ROLE owner LOGIN PASSWORD 'secret of the owner'; CREATE ROLE reader NOLOGIN;"
                        + " GRANT reader TO owner; CREATE DATABASE app OWNER owner;"
                        + " CREATE DATABASE \"Größe \"\"1\"\" \uD83D\uDC18\"; ALTER DATABASE app SET work_mem = '7MB';"
                        + " REVOKE ALL ON DATABASE app FROM PUBLIC; CREATE TABLE in_postgres (i int)");
        cluster.psql(
                "app",
                "CREATE TABLE t AS SELECT i, md5(i::text) AS v FROM generate_series(1, 50000) i;"
                        + " GRANT SELECT ON t TO reader; CREATE SEQUENCE s; SELECT nextval('s');"
                        // More than a segment of data that cannot be compressed.
                        + " SELECT lo_from_bytea(0, string_agg(sha256(i::text::bytea), '' ORDER BY i))"
                        + " FROM generate_series(1, 600000) i");
        cluster.psql("Größe \"1\" \uD83D\uDC18", "CREATE TABLE \"-t\" AS SELECT 'ä' AS \"x y\"");
        before = cluster.dumpAll();
        landscape.serve();
        landscape.startAgent(INSTANCE, cluster);
        landscape.awaitAgent(INSTANCE);
        Api api = landscape.api();
        JsonNode made = api.awaitBackup(INSTANCE, api.startBackup(INSTANCE));
        assertThat(made.path("status").asString())
                .as(() -> made + landscape.logs())
                .isEqualTo("done");
        backup = made.get("backup_id").asString();
        assertThat(Files.readAllLines(instanceFolder().resolve("backups/" + backup + "/segments.list")))
                .as("segments of app")
                .filteredOn(line -> line.startsWith("app "))
                .hasSizeGreaterThan(1);
    }

    @AfterAll
    void stop() {
        landscape.close();
        cluster.close();
    }

    @Test
    void fiveCommandsRestoreIntoAFreshServer() throws IOException {
        try (PostgresCluster fresh = PostgresCluster.start()) {
            Path out = Files.createDirectory(folder.resolve("out"));
            Map<String, String> surroundings = surroundings(landscape.recoveryKey(), out, fresh, fresh.password());
            run(surroundings, commands.subList(0, 4));
            Map<String, String> later = surroundings(landscape.recoveryKey(), out, fresh, cluster.password());
            run(later, commands.subList(4, 5));
            // The superuser has the password of the backup now: the test's own is set again, to be able to look.
            run(later, List.of("psql -d postgres -c \"ALTER ROLE postgres PASSWORD '" + fresh.password() + "'\""));
            assertThat(withoutSuperuser(fresh.dumpAll())).isEqualTo(withoutSuperuser(before));
            assertThat(fresh.psql("postgres", "SELECT datname FROM pg_database ORDER BY 1"))
                    .isEqualTo(cluster.psql("postgres", "SELECT datname FROM pg_database ORDER BY 1"));
        }
    }

    @Test
    void masterIdentityOpensTheSame() throws IOException {
        Path byMaster = Files.createDirectory(folder.resolve("by-master"));
        Path byRecovery = Files.createDirectory(folder.resolve("by-recovery"));
        Path master = landscape.folder().resolve("master.key");
        run(surroundings(master, byMaster, cluster, ""), commands.subList(0, 3));
        run(surroundings(landscape.recoveryKey(), byRecovery, cluster, ""), commands.subList(0, 3));
        Shell.run("diff", "-r", byMaster.toString(), byRecovery.toString());
        assertThat(byMaster.resolve("globals")).content().contains("CREATE ROLE owner");
    }

    @Test
    void thePassphraseAloneOpensTheSame() throws IOException {
        String passphrase = "a passphrase of the user's";
        Api.Answer set =
                landscape.api().send("PUT", "/instances/" + INSTANCE, "{\"encryption_key\": \"" + passphrase + "\"}");
        assertThat(set.status()).as(set.text()).isEqualTo(200);
        Path byPassphrase = Files.createDirectory(folder.resolve("by-passphrase"));
        Path byMaster = Files.createDirectory(folder.resolve("by-master-again"));
        Path script = folder.resolve("open-key");
        Files.writeString(
                script, "INSTANCE='" + instanceFolder() + "'\nOUT='" + byPassphrase + "'\n" + withPassphrase + "\n");
        Shell.runOnTerminal(passphrase, "sh '" + script + "'");
        Path master = landscape.folder().resolve("master.key");
        run(surroundings(master, byPassphrase, cluster, ""), commands.subList(1, 3));
        run(surroundings(master, byMaster, cluster, ""), commands.subList(0, 3));
        Shell.run("diff", "-r", byMaster.toString(), byPassphrase.toString());
    }

    private Path instanceFolder() {
        return landscape.storeFolder().resolve("v2/instances/" + INSTANCE);
    }

    private Map<String, String> surroundings(Path identity, Path out, PostgresCluster server, String password) {
        return Map.of(
                "INSTANCE", instanceFolder().toString(),
                "BACKUP", backup,
                "IDENTITY", identity.toString(),
                "OUT", out.toString(),
                "PATH", server.bin() + ":" + System.getenv("PATH"),
                "PGHOST", server.host(),
                "PGPORT", Integer.toString(server.port()),
                "PGUSER", PostgresCluster.USER,
                "PGPASSWORD", password);
    }

    private static String withoutSuperuser(String dump) {
        return dump.lines()
                .filter(line -> !line.startsWith("ALTER ROLE postgres "))
                .collect(Collectors.joining("\n"));
    }

    private void run(Map<String, String> surroundings, List<String> lines) throws IOException {
        Path script = folder.resolve("script");
        Path output = folder.resolve("output");
        Files.writeString(script, "set -eu\n" + String.join("\n", lines) + "\n");
        ProcessBuilder builder = new ProcessBuilder("sh", script.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().putAll(surroundings);
        int status = builder.start().onExit().join().exitValue();
        assertThat(status).as(() -> lines + " failed:\n" + text(output)).isZero();
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
