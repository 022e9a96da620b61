package io.holdfast.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.format.json.Json;
import io.holdfast.testbed.SearchServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** An instance whose backups are snapshots in its service's own repository, through a real manager. */
class SnapshotInstanceTest {
    private static final String INSTANCE = "search-1";

    @TempDir
    Path folder = Path.of("");

    @Test
    void catalogueKnowsEachSnapshotAndADeletedBackupsSnapshotGoes() throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        try (SearchServer server = SearchServer.start(
                        SearchServer.Distribution.ELASTICSEARCH_8, Path.of("../engines/target"), Map.of());
                Landscape landscape = new Landscape().readingBack()) {
            server.call("PUT", "/books", "{\"settings\": {\"index.number_of_replicas\": 0}}");
            server.call("PUT", "/books/_doc/1?refresh=true", "{\"title\": \"kept\"}");
            landscape.serve();
            Api api = landscape.api();
            startAgent(landscape, server);
            long first = backup(landscape);
            long second = backup(landscape);
            assertThat(snapshots(server)).hasSize(2);

            JsonNode backup = api.await(
                    "/instances/" + INSTANCE + "/backups/" + first,
                    each -> each.get("state").asString().equals("verified"));
            assertThat(backup.get("snapshot").asString()).isEqualTo("kept");
            assertThat(backup.get("downloadable").asBoolean()).isFalse();
            assertThat(backup.get("verification").get("message").asString()).contains("only a restore reads it");
            Api.Answer download = api.get("/instances/" + INSTANCE + "/backups/" + first + "/download");
            assertThat(download.status()).isEqualTo(403);
            assertThat(download.json().get("error").asString()).isEqualTo("NothingToDownload");

            server.call("DELETE", "/books", "");
            JsonNode restored = api.awaitRestore(INSTANCE, api.startRestore(INSTANCE, first));
            assertThat(restored.get("status").asString())
                    .as(restored + landscape.logs())
                    .isEqualTo("done");
            assertThat(server.call("GET", "/books/_doc/1", "")).contains("kept");

            assertThat(api.send("DELETE", "/instances/" + INSTANCE + "/backups/" + first, "")
                            .status())
                    .isLessThan(300);
            api.await(
                    "/instances/" + INSTANCE + "/backups/" + first,
                    each -> each.get("state").asString().equals("deleted"));
            landscape.stopAgent(INSTANCE, 0);
            startAgent(landscape, server);
            Eventually.within(
                    Duration.ofMinutes(1),
                    landscape::logs,
                    () -> snapshots(server).size() == 1);
            String name = api.backup(INSTANCE, second).get("backup_id").asString();
            assertThat(snapshots(server)).containsExactly("backup-" + name.toLowerCase(Locale.ROOT) + "_1");
        }
    }

    private void startAgent(Landscape landscape, SearchServer server) {
        landscape.startAgent(
                INSTANCE,
                0,
                Map.of(
                        "kind",
                        "elasticsearch",
                        "host",
                        server.host(),
                        "port",
                        server.port(),
                        "user",
                        SearchServer.ADMIN,
                        "password",
                        server.password(),
                        "ca_file",
                        Objects.requireNonNull(server.caFile()).toString(),
                        "engine_repository",
                        Map.of(
                                "type",
                                "fs",
                                "settings",
                                Map.of("location", folder.resolve("snapshots").toString()))));
        landscape.awaitAgent(INSTANCE);
    }

    private static long backup(Landscape landscape) {
        Api api = landscape.api();
        long backup = api.startBackup(INSTANCE);
        JsonNode made = api.awaitBackup(INSTANCE, backup);
        assertThat(made.get("status").asString()).as(made + landscape.logs()).isEqualTo("done");
        return backup;
    }

    private static List<String> snapshots(SearchServer server) {
        return Json.mapper()
                .readTree(server.call("GET", "/_snapshot/holdfast/*?verbose=false", ""))
                .findValuesAsString("snapshot");
    }
}
