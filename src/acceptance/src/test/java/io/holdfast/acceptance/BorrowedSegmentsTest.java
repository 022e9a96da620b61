package io.holdfast.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What a second backup costs, and that it stays whole when those before it are deleted. */
class BorrowedSegmentsTest {
    private static final String INSTANCE = "files-1";
    private static final String BACKUPS = "/instances/" + INSTANCE + "/backups/";
    private static final int BYTES = 12 * 1024 * 1024;

    @TempDir
    Path folder = Path.of("");

    private final Random random = new Random(31);

    @Test
    void dl31_aBackupOfLittleChangeBringsLittleAndIsWholeWithoutThoseBeforeIt() throws IOException {
        Path data = Files.createDirectories(folder.resolve("data"));
        byte[] content = new byte[BYTES];
        random.nextBytes(content);
        Files.write(data.resolve("large"), content);
        Path before = folder.resolve("before");
        try (Landscape landscape = new Landscape()) {
            landscape.serve();
            landscape.startAgent(INSTANCE, 0, Map.of("kind", "directory", "path", data.toString()));
            landscape.awaitAgent(INSTANCE);
            Api api = landscape.api();
            JsonNode first = backup(landscape, "{}");
            assertThat(first.get("added_bytes").longValue())
                    .isEqualTo(first.get("size").longValue())
                    .isGreaterThan(BYTES);

            JsonNode unchanged = backup(landscape, "{}");
            assertThat(unchanged.get("size").longValue())
                    .isEqualTo(first.get("size").longValue());
            assertThat(unchanged.get("added_bytes").longValue()).isLessThan(BYTES / 100);

            content[BYTES / 2]++;
            Files.write(data.resolve("large"), content);
            Files.writeString(data.resolve("more"), "more");
            JsonNode changed = backup(landscape, "{}");
            assertThat(changed.get("added_bytes").longValue()).isBetween(1L, BYTES / 2L);
            Shell.run("cp", "-a", data.toString(), before.toString());

            assertThat(freed(landscape, first)).as("all of it is another's too").isZero();
            assertThat(api.send("DELETE", BACKUPS + first.get("id"), "").status())
                    .isBetween(200, 202);
            assertThat(freed(landscape, unchanged)).isBetween(1L, BYTES / 2L);
            assertThat(api.send("DELETE", BACKUPS + unchanged.get("id"), "").status())
                    .isBetween(200, 202);
            assertThat(landscape.stored("/backups/" + first.get("backup_id").asString()))
                    .isEmpty();
            long number = changed.get("id").longValue();
            assertThat(api.post(BACKUPS + number + "/verify").status()).isEqualTo(202);
            api.await(BACKUPS + number, each -> each.toString().contains("\"passed\""));

            Files.delete(data.resolve("large"));
            JsonNode restore = api.awaitRestore(INSTANCE, api.startRestore(INSTANCE, number));
            assertThat(restore.path("status").asString())
                    .as(restore + landscape.logs())
                    .isEqualTo("done");
            Shell.run("diff", "-r", before.toString(), data.toString());

            JsonNode fresh = backup(landscape, "{\"fresh\": true}");
            assertThat(fresh.get("added_bytes").longValue())
                    .isEqualTo(fresh.get("size").longValue())
                    .isGreaterThan(BYTES);
            assertThat(api.send("DELETE", BACKUPS + number, "").status()).isBetween(200, 202);
            assertThat(landscape.stored("/segments/"))
                    .as("all that is left is the fresh one's")
                    .isNotEmpty()
                    .allMatch(each ->
                            each.toString().contains(fresh.get("backup_id").asString()));
        }
    }

    private static long freed(Landscape landscape, JsonNode backup) {
        return landscape
                .api()
                .get(BACKUPS + backup.get("id") + "/deletion")
                .json()
                .get("frees_bytes")
                .longValue();
    }

    private JsonNode backup(Landscape landscape, String body) {
        Api.Answer answer = landscape.api().send("POST", "/instances/" + INSTANCE + "/backups", body);
        assertThat(answer.status()).isEqualTo(201);
        JsonNode backup =
                landscape.api().awaitBackup(INSTANCE, answer.json().get("id").longValue());
        assertThat(backup.path("status").asString())
                .as(backup + landscape.logs())
                .isEqualTo("done");
        return backup;
    }
}
