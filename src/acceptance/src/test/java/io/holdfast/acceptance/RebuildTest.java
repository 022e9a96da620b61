package io.holdfast.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.testbed.PostgresCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** DL-18: the manager's database is lost, or older than the store. The store and the master key are enough. */
class RebuildTest {
    private static final String DATABASE = "shop-1";
    private static final String FILES = "files-1";
    private static final String AGREED = "0 differences, 0 problems";

    @TempDir
    Path folder = Path.of("");

    private final Landscape landscape = new Landscape();
    private Path data = Path.of("");
    private JavaProcess manager;

    RebuildTest() {
        manager = landscape.startManager();
    }

    @BeforeEach
    void fill() throws IOException {
        data = Files.createDirectories(folder.resolve("parent/data"));
        Files.writeString(data.resolve("file"), "content");
    }

    private void startAgentOfFiles() {
        landscape.startAgent(FILES, 0, Map.of("kind", "directory", "path", data.toString()));
        landscape.awaitAgent(FILES);
    }

    @AfterEach
    void stop() {
        landscape.close();
    }

    @Test
    void dl18aLostDatabaseIsMadeAnewAndEveryBackupRestores() throws IOException {
        try (PostgresCluster cluster = PostgresCluster.start()) {
            cluster.psql("postgres", "CREATE TABLE t AS SELECT generate_series(1, 1000) AS i");
            landscape.startAgent(DATABASE, cluster);
            landscape.awaitAgent(DATABASE);
            startAgentOfFiles();
            aLostDatabaseIsMadeAnew(cluster);
            landscape.stopAgent(DATABASE, 0);
        }
    }

    private void aLostDatabaseIsMadeAnew(PostgresCluster cluster) throws IOException {
        List<String> names = new ArrayList<>();
        names.add(backup(DATABASE));
        assertThat(landscape.api().post("/instances/" + DATABASE + "/keys").status())
                .isEqualTo(201);
        names.add(backup(DATABASE));
        names.add(backup(FILES));
        // What a restore replaced is kept under its number, which must not be given again.
        restore(DATABASE, newest(DATABASE));
        restore(FILES, newest(FILES));
        String dump = cluster.dumpAll();
        manager.close();
        Shell.run("rm", "-rf", state().toString());

        Shell.Result audit = landscape.manage("audit");
        assertThat(audit.status()).as(audit.output()).isEqualTo(1);
        assertThat(audit.output()).contains("differs: instance " + DATABASE).contains("2 instances and 3 backups");
        Shell.Result rebuilt = landscape.manage("rebuild");
        assertThat(rebuilt.status()).as(rebuilt.output()).isZero();
        assertThat(rebuilt.output()).contains("corrected: ", AGREED).contains(names);
        Shell.Result again = landscape.manage("rebuild");
        assertThat(again.status()).as(again.output()).isZero();
        assertThat(again.output()).doesNotContain("corrected").contains(AGREED);

        manager = landscape.startManager();
        landscape.awaitAgent(DATABASE);
        landscape.awaitAgent(FILES);
        assertThat(newest(DATABASE).path("hold").path("reason").asString(""))
                .as("held, so that retention waits until lost rules are set again")
                .contains("added from the store");
        for (JsonNode backup :
                landscape.api().get("/instances/" + DATABASE + "/backups").json()) {
            cluster.psql("postgres", "DELETE FROM t");
            restore(DATABASE, backup);
            assertThat(cluster.dumpAll()).isEqualTo(dump);
        }
        Files.delete(data.resolve("file"));
        restore(FILES, newest(FILES));
        assertThat(data.resolve("file")).hasContent("content");
        backup(DATABASE);
    }

    @Test
    void dl17_dl18anOlderDatabaseCatchesUpWithTheStore() throws IOException {
        startAgentOfFiles();
        backup(FILES);
        manager.close();
        Path older = folder.resolve("older");
        Shell.run("cp", "-a", state().toString(), older.toString());
        manager = landscape.startManager();
        landscape.awaitAgent(FILES);
        String second = backup(FILES);
        String third = backup(FILES);
        long first = landscape
                .api()
                .get("/instances/" + FILES + "/backups")
                .json()
                .get(2)
                .get("id")
                .longValue();
        assertThat(landscape
                        .api()
                        .send("DELETE", "/instances/" + FILES + "/backups/" + first, "")
                        .status())
                .isEqualTo(200);
        manager.close();
        Shell.run("rm", "-rf", state().toString());
        Shell.run("cp", "-a", older.toString(), state().toString());

        Shell.Result rebuilt = landscape.manage("rebuild");

        assertThat(rebuilt.status()).as(rebuilt.output()).isZero();
        assertThat(rebuilt.output()).contains(second, third, "is not in the store any more", AGREED);
        manager = landscape.startManager();
        landscape.awaitAgent(FILES);
        List<String> restorable = new ArrayList<>();
        for (JsonNode backup :
                landscape.api().get("/instances/" + FILES + "/backups").json()) {
            if (!backup.get("status").asString().equals("deleted")) {
                restorable.add(backup.get("backup_id").asString());
                restore(FILES, backup);
            }
        }
        assertThat(restorable).containsExactlyInAnyOrder(second, third);
        backup(FILES);
    }

    @Test
    void whatIsNotAuthenticIsNamedAndNotTakenIn() throws IOException {
        startAgentOfFiles();
        String good = backup(FILES);
        String broken = backup(FILES);
        manager.close();
        Shell.run("rm", "-rf", state().toString());
        Path manifest = landscape.stored(broken + "/manifest.json").getFirst();
        Files.writeString(
                manifest, Files.readString(manifest).replace("\"service\":\"directory\"", "\"service\":\"directori\""));

        Shell.Result rebuilt = landscape.manage("rebuild");

        assertThat(rebuilt.status()).isEqualTo(1);
        assertThat(rebuilt.output())
                .contains("problem: backup " + broken + " of " + FILES + ": its manifest is not authentic")
                .contains("corrected: backup " + good)
                .doesNotContain("corrected: backup " + broken);
    }

    @Test
    void aStoreOfTheFormatBeforeIsRefusedByNameAndStaysAsItIs() throws IOException {
        manager.close();
        Shell.run("rm", "-rf", state().toString());
        Path older = landscape.storeFolder().resolve("v1/instances/" + FILES + "/backups/one/manifest.json");
        Files.createDirectories(Objects.requireNonNull(older.getParent()));
        Files.writeString(older, "of another release");

        Shell.Result refused = landscape.manage("rebuild");

        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.output()).contains("holdfast/1").contains("HINT: nothing was changed");
        assertThat(older).hasContent("of another release");
    }

    @Test
    void aManagerThatWorksKeepsTheOthersAway() {
        Shell.Result refused = landscape.manage("rebuild");

        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.output()).contains("another manager uses").contains("HINT: stop it first");
    }

    private Path state() {
        return landscape.folder().resolve("state");
    }

    private String backup(String instance) {
        Api api = landscape.api();
        JsonNode made = api.awaitBackup(instance, api.startBackup(instance));
        assertThat(made.path("status").asString())
                .as(() -> made + landscape.logs())
                .isEqualTo("done");
        return made.get("backup_id").asString();
    }

    private JsonNode newest(String instance) {
        return landscape.api().get("/instances/" + instance + "/backups").json().get(0);
    }

    private void restore(String instance, JsonNode backup) {
        Api api = landscape.api();
        JsonNode restored = api.awaitRestore(
                instance, api.startRestore(instance, backup.get("id").longValue()));
        assertThat(restored.path("status").asString())
                .as(() -> restored + landscape.logs())
                .isEqualTo("done");
    }
}
