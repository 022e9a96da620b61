package io.holdfast.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Real answers of a manager are as the openapi.yaml that it serves says. */
class OpenApiAnswersTest {
    private static final String INSTANCE = "files-1";
    private static final String PATH = "/instances/" + INSTANCE;
    private static final String DOCUMENT = "https://holdfast.invalid/openapi.json";

    @TempDir
    Path folder;

    private JsonNode document = JsonMapper.shared().nullNode();
    private SchemaRegistry registry = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    @Test
    void answersHaveTheirSchemas() throws Exception {
        Path data = Files.createDirectory(folder.resolve("data"));
        Files.writeString(data.resolve("file"), "content");
        try (Landscape landscape = new Landscape()) {
            landscape.serve();
            Api api = landscape.api();
            read(api.get("/openapi.yaml").text());
            landscape.startAgent(INSTANCE, 0, Map.of("kind", "directory", "path", data.toString()));
            landscape.awaitAgent(INSTANCE);
            Api.Answer queued = api.post(PATH + "/backups");
            check("/instances/{id}/backups", "post", queued);
            long backup = queued.json().get("id").longValue();
            checkEvents(api.get(PATH + "/events").text(), "backup", backup);
            check("/instances/{id}", "put", api.send("PUT", PATH, "{\"encryption_key\": \"a passphrase\"}"));
            check(
                    "/instances/{id}/backups/{n}/hold",
                    "post",
                    api.send("POST", PATH + "/backups/" + backup + "/hold", "{\"reason\": \"a test\"}"));
            Api.Answer restore = api.post(PATH + "/backups/" + backup + "/restore");
            check("/instances/{id}/backups/{n}/restore", "post", restore);
            long number = restore.json().get("id").longValue();
            checkEvents(api.get(PATH + "/events").text(), "restore", number);
            check("/instances/{id}/pause", "put", api.send("PUT", PATH + "/pause", "{\"reason\": \"a test\"}"));
            api.startBackup(INSTANCE);
            for (String path : List.of("/healthz", "/readyz", "/instances", "/agents", "/store", "/queue")) {
                check(path, "get", api.get(path));
            }
            for (String below : List.of("", "/config", "/retention", "/backups", "/restores", "/keys")) {
                check("/instances/{id}" + below, "get", api.get(PATH + below));
            }
            check("/instances/{id}/backups/{n}", "get", api.get(PATH + "/backups/" + backup));
            check("/instances/{id}/backups/{n}/download", "get", api.get(PATH + "/backups/" + backup + "/download"));
            check("/instances/{id}/backups/{n}/deletion", "get", api.get(PATH + "/backups/" + backup + "/deletion"));
            check("/instances/{id}/restores/{n}", "get", api.get(PATH + "/restores/" + number));
            check("/instances/{id}/backups/{n}", "get", api.get(PATH + "/backups/999"));
            check("/instances/{id}", "put", api.send("PUT", PATH, "{\"encryption_key\": \"short\"}"));
            check("/instances/{id}/pause", "delete", api.send("DELETE", PATH + "/pause", ""));
        }
    }

    private void read(String yaml) {
        document = new YAMLMapper().readTree(yaml);
        assertThat(document.get("openapi").asString()).isEqualTo("3.1.0");
        String json = document.toString();
        registry = SchemaRegistry.withDefaultDialect(
                SpecificationVersion.DRAFT_2020_12, builder -> builder.schemas(Map.of(DOCUMENT, json)));
    }

    /** The stream that an end of a job has ended: of one job alone, and all of it as the schema says. */
    private void checkEvents(String stream, String kind, long number) {
        List<JsonNode> told = new ArrayList<>();
        for (String event : stream.split("\n\n", -1)) {
            List<String> lines = event.lines().toList();
            if (lines.size() < 2) {
                continue; // no event: when to come again, or a sign of life
            }
            assertThat(lines.get(0)).isEqualTo("event: " + kind);
            String data = lines.get(1).substring("data: ".length());
            validate("/components/schemas/" + (kind.equals("backup") ? "Backup" : "Restore"), data);
            told.add(JsonMapper.shared().readTree(data));
        }
        assertThat(told).allMatch(each -> each.get("id").longValue() == number);
        assertThat(told.getFirst().get("status").asString()).isIn("queued", "running");
        assertThat(told.getLast().get("status").asString()).as(stream).isEqualTo("done");
    }

    private void check(String path, String method, Api.Answer answer) {
        JsonNode item = document.get("paths").get(path);
        String pointer = "/paths/" + escaped(path);
        if (item.has("$ref")) {
            pointer = item.get("$ref").asString().substring(1);
        }
        pointer += "/" + method + "/responses";
        String status = Integer.toString(answer.status());
        pointer += "/" + (document.at(pointer).has(status) ? status : "default");
        if (document.at(pointer).has("$ref")) {
            pointer = document.at(pointer).get("$ref").asString().substring(1);
        }
        pointer += "/content/application~1json/schema";
        assertThat(document.at(pointer).isMissingNode())
                .as(pointer + " for " + answer)
                .isFalse();
        validate(pointer, answer.text());
    }

    private void validate(String pointer, String text) {
        Schema schema = registry.getSchema(SchemaLocation.of(DOCUMENT + "#" + pointer));
        assertThat(schema.validate("7", InputFormat.JSON))
                .as("what is no answer")
                .isNotEmpty();
        List<Error> errors = schema.validate(text, InputFormat.JSON);
        assertThat(errors).as(pointer + ": " + text).isEmpty();
    }

    private static String escaped(String path) {
        return path.replace("~", "~0").replace("/", "~1");
    }
}
