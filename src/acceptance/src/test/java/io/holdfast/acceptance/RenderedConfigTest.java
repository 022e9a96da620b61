package io.holdfast.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.holdfast.agent.config.ConfigFile;
import io.holdfast.manager.config.ManagerConfig;
import io.holdfast.manager.keys.ManagerKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the release's templates make of every variant of a manifest is what the programs read. */
class RenderedConfigTest {
    @TempDir
    static Path rendered = Path.of("");

    @BeforeAll
    static void render() throws Exception {
        ProcessBuilder specs = new ProcessBuilder(
                        JavaProcess.root().resolve("scripts/spec").toString())
                .redirectErrorStream(true)
                .redirectOutput(rendered.resolve("log").toFile());
        specs.environment().put("HOLDFAST_RENDERED", rendered.toString());
        assertThat(specs.start().waitFor())
                .as(() -> text(rendered.resolve("log")))
                .isZero();
    }

    @Test
    void theManagerReadsItsOwn() throws IOException {
        List<Path> files = files("backup-manager", "manager.json");
        assertThat(files).hasSizeGreaterThan(30);
        for (Path file : files) {
            assertThatCode(() -> ManagerConfig.read(file)).as(file.toString()).doesNotThrowAnyException();
        }
    }

    @Test
    void theManagersKeysComeFromTheSecretThatBoshMakes() throws IOException {
        for (Path file : files("backup-manager", "manager.json")) {
            if (file.toString().contains("/manifest")) {
                assertThat(ManagerKeys.read(ManagerConfig.read(file).keys()).master())
                        .isNotNull();
            }
        }
    }

    @Test
    void agentsReadTheirOwn() throws IOException {
        List<Path> files = Stream.of(files("backup-agent", "agent.json"), files("smoke-tests", "agent.json"))
                .flatMap(List::stream)
                .toList();
        assertThat(files).hasSizeGreaterThan(8);
        for (Path file : files) {
            assertThatCode(() -> ConfigFile.read(file)).as(file.toString()).doesNotThrowAnyException();
        }
    }

    /** Directors check properties by these schemas before they render anything. */
    @Test
    void b14_theSchemasTakeWhatIsRightAndRefuseWhatIsWrong() throws IOException {
        JsonNode cases =
                JsonMapper.shared().readTree(rendered.resolve("properties.json").toFile());
        assertThat(cases.propertyNames()).hasSizeGreaterThan(4);
        for (String job : cases.propertyNames()) {
            Schema schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                    .getSchema(text(JavaProcess.root().resolve("jobs/" + job + "/properties_schema.json")));
            for (JsonNode good : cases.path(job).path("good")) {
                assertThat(schema.validate(good)).as(job + " " + good).isEmpty();
            }
            for (JsonNode bad : cases.path(job).path("bad")) {
                assertThat(schema.validate(bad.path("properties")))
                        .as(job + ": " + bad.path("name") + " " + bad)
                        .isNotEmpty();
            }
        }
    }

    private static List<Path> files(String job, String name) throws IOException {
        try (Stream<Path> all = Files.walk(rendered.resolve(job))) {
            return all.filter(file -> file.endsWith(name)).sorted().toList();
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
