package io.holdfast.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The manager's database is lost, and its copy in the store brings back what the store alone does not know. */
class StateCopyTest {
    private static final String INSTANCE = "files-1";
    private static final String BACKUPS = "/instances/" + INSTANCE + "/backups";

    @TempDir
    Path data = Path.of("");

    private final Landscape landscape = new Landscape().copyingItsState();

    @AfterEach
    void stop() {
        landscape.close();
    }

    @Test
    void aCopyBringsBackHoldsAndRulesAndTheStoreWhatIsNewer() throws IOException {
        Files.writeString(data.resolve("file"), "content");
        landscape.startManager();
        landscape.startAgent(INSTANCE, 0, Map.of("kind", "directory", "path", data.toString()));
        landscape.awaitAgent(INSTANCE);
        Api api = landscape.api();
        JsonNode held = backup();
        assertThat(api.send("POST", BACKUPS + "/" + held.get("id").longValue() + "/hold", """
                                {"reason": "the audit of 2026"}
                                """)
                        .status())
                .isEqualTo(200);
        assertThat(api.send("PUT", "/instances/" + INSTANCE, """
                                {"retention": {"last": 17}}
                                """).status()).isEqualTo(200);
        landscape.manager().close();
        int copies = copies().size();
        landscape.startManager();
        Eventually.within(
                Duration.ofMinutes(1),
                () -> "the state is copied\n" + landscape.logs(),
                () -> copies().size() > copies);
        JsonNode newer = backup();
        landscape.manager().kill();

        Shell.Result refused = landscape.manage("restore-catalogue");
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.output()).contains("HINT: ", "--replace");
        Shell.run("rm", "-rf", landscape.folder().resolve("state").toString());
        Shell.Result restored = landscape.manage("restore-catalogue");
        assertThat(restored.status()).as(restored.output()).isZero();
        assertThat(restored.output()).contains(newer.get("backup_id").asString());

        landscape.startManager();
        landscape.awaitAgent(INSTANCE);
        assertThat(api.get(BACKUPS + "/" + held.get("id").longValue())
                        .json()
                        .path("hold")
                        .path("reason")
                        .asString(""))
                .isEqualTo("the audit of 2026");
        assertThat(api.get("/instances/" + INSTANCE + "/retention")
                        .json()
                        .path("rules")
                        .path("last")
                        .asInt())
                .isEqualTo(17);
        Files.delete(data.resolve("file"));
        JsonNode newest = api.get(BACKUPS).json().get(0);
        assertThat(newest.get("backup_id")).isEqualTo(newer.get("backup_id"));
        JsonNode done = api.awaitRestore(
                INSTANCE, api.startRestore(INSTANCE, newest.get("id").longValue()));
        assertThat(done.get("status").asString()).as(done + landscape.logs()).isEqualTo("done");
        assertThat(data.resolve("file")).hasContent("content");
    }

    private JsonNode backup() {
        Api api = landscape.api();
        JsonNode made = api.awaitBackup(INSTANCE, api.startBackup(INSTANCE));
        assertThat(made.get("status").asString()).as(made + landscape.logs()).isEqualTo("done");
        return made;
    }

    private List<Path> copies() {
        return landscape.stored("v2/manager/state/").stream()
                .filter(each -> each.endsWith("manifest.json"))
                .toList();
    }
}
