package io.holdfast.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.Store.StoredObject;
import io.holdfast.manager.store.s3.S3Settings;
import io.holdfast.manager.store.s3.S3Store;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * The life of backups in any S3 store, which system properties name, and the environment where it is secret, as
 * {@code scripts/versions} does. Nothing else runs it: its name is no test's.
 */
class GivenStoreLife {
    private static final String INSTANCE = "files-1";
    private static final String PATH = "/instances/" + INSTANCE;

    private final String prefix = "life-" + UUID.randomUUID();

    @TempDir
    Path folder = Path.of("");

    @Test
    void backupsAreMadeVerifiedRestoredDeletedAndFoundAgain() throws IOException {
        Path data = Files.createDirectories(folder.resolve("parent/data"));
        byte[] content = new byte[20_000_000];
        new Random(3).nextBytes(content);
        Files.write(data.resolve("several segments"), content);
        try (Landscape landscape = new Landscape(settings()).readingBack();
                Store store = S3Store.open(store())) {
            JavaProcess manager = landscape.startManager();
            JavaProcess agent = landscape.startAgent(INSTANCE, 0, Map.of("kind", "directory", "path", data.toString()));
            landscape.awaitAgent(INSTANCE);
            JsonNode first = backup(landscape);
            Files.writeString(data.resolve("more"), "more");
            JsonNode second = backup(landscape);
            verify(landscape, second);
            restore(landscape, second);

            delete(landscape, first);
            assertThat(keys(store)).noneMatch(key -> key.contains(text(first, "backup_id")));

            manager.close();
            Shell.run("rm", "-rf", landscape.folder().resolve("state").toString());
            Shell.Result rebuilt = landscape.manage("rebuild");
            assertThat(rebuilt.status()).as(rebuilt.output()).isZero();
            assertThat(rebuilt.output()).contains(text(second, "backup_id"), "0 differences, 0 problems");
            landscape.startManager();
            landscape.awaitAgent(INSTANCE);
            Files.delete(data.resolve("several segments"));
            restore(landscape, landscape.api().get(PATH + "/backups").json().get(0));
            assertThat(data.resolve("several segments")).hasBinaryContent(content);
            assertThat(data.resolve("more")).hasContent("more");

            agent.close();
            for (JsonNode each : landscape.api().get(PATH + "/backups").json()) {
                landscape
                        .api()
                        .send("DELETE", PATH + "/backups/" + each.get("id").longValue() + "/hold", "");
            }
            Api.Answer gone = landscape.api().send("DELETE", PATH, "{\"delete_backups\": true}");
            assertThat(gone.status()).as(gone.text()).isEqualTo(200);
            assertThat(keys(store)).noneMatch(key -> key.contains("/backups/"));
        } finally {
            try (Store store = S3Store.open(store())) {
                store.list("").forEach(object -> store.delete(object.key()));
            }
        }
    }

    private static JsonNode backup(Landscape landscape) {
        Api api = landscape.api();
        JsonNode made = api.awaitBackup(INSTANCE, api.startBackup(INSTANCE));
        assertThat(text(made, "status")).as(() -> made + landscape.logs()).isEqualTo("done");
        return made;
    }

    private static void verify(Landscape landscape, JsonNode backup) {
        String path = path(backup);
        assertThat(landscape.api().post(path + "/verify").status()).isEqualTo(202);
        JsonNode verified = landscape
                .api()
                .await(
                        path,
                        each -> List.of("passed", "failed")
                                .contains(
                                        each.path("verification").path("state").asString("")));
        assertThat(text(verified, "state"))
                .as(() -> verified + landscape.logs())
                .isEqualTo("verified");
    }

    private static void restore(Landscape landscape, JsonNode backup) {
        Api api = landscape.api();
        JsonNode restored = api.awaitRestore(
                INSTANCE, api.startRestore(INSTANCE, backup.get("id").longValue()));
        assertThat(text(restored, "status"))
                .as(() -> restored + landscape.logs())
                .isEqualTo("done");
    }

    private static void delete(Landscape landscape, JsonNode backup) {
        Api.Answer deleted = landscape.api().send("DELETE", path(backup), "");
        assertThat(deleted.status()).as(deleted.text()).isEqualTo(200);
    }

    private static String path(JsonNode backup) {
        return PATH + "/backups/" + backup.get("id").longValue();
    }

    private static String text(JsonNode node, String field) {
        return node.path(field).asString("");
    }

    private static List<String> keys(Store store) {
        return store.list("").stream().map(StoredObject::key).toList();
    }

    /** The manager's settings. */
    private Map<String, Object> settings() {
        return new HashMap<>(Map.of(
                "kind", "s3",
                "endpoint", property("endpoint"),
                "region", property("region"),
                "bucket", property("bucket"),
                "prefix", prefix,
                "access_key_id", environment("AWS_ACCESS_KEY_ID"),
                "secret_access_key", environment("AWS_SECRET_ACCESS_KEY"),
                "ca_file", property("ca_file")));
    }

    private S3Settings store() {
        return S3Settings.of(
                URI.create(property("endpoint")),
                property("region"),
                property("bucket"),
                prefix,
                environment("AWS_ACCESS_KEY_ID"),
                environment("AWS_SECRET_ACCESS_KEY"),
                Path.of(property("ca_file")));
    }

    private static String property(String name) {
        return Objects.requireNonNull(System.getProperty("tests.store." + name), name);
    }

    private static String environment(String name) {
        return Objects.requireNonNull(System.getenv(name), name);
    }
}
