package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.config.AdapterConfig;
import io.holdfast.agent.config.SearchConfig;
import io.holdfast.agent.process.Command;
import io.holdfast.format.json.Json;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.RestoreResult;
import io.holdfast.testbed.SearchServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What one index or definition can do to all others, in a real OpenSearch without security. */
class SearchLossTest extends AdapterFixture {
    private static final String NO_COPIES = "\"index.number_of_replicas\": 0";

    private SearchServer server;
    private Duration idle = Duration.ofMinutes(1);

    @BeforeAll
    void startServer() {
        server = SearchServer.start(SearchServer.Distribution.OPENSEARCH_3, SearchContract.ENGINES, Map.of());
    }

    @AfterAll
    void stopServer() {
        server.close();
    }

    @BeforeEach
    void fill() throws IOException {
        SearchContract.own(directory);
        SearchContract.own(Files.createDirectories(directory.resolve("engine")));
        for (String index : List.of("opaque", "plain", "tied", "broken", "other")) {
            server.send("PUT", "/" + index + "/_settings", "{\"index.blocks.metadata\": null}");
            server.send("DELETE", "/" + index, "");
        }
        for (String definition : List.of("_index_template/live", "_index_template/saved")) {
            server.send("DELETE", "/" + definition, "");
        }
        make("plain", NO_COPIES);
        server.call("PUT", "/plain/_doc/1?refresh=true", "{\"number\": 1}");
    }

    @Override
    AdapterConfig config() {
        return new SearchConfig(
                "opensearch",
                server.host(),
                server.port(),
                null,
                null,
                null,
                null,
                new SearchConfig.EngineRepository(
                        "fs", Map.of("location", directory.resolve("engine").toString())),
                idle,
                Command.UNLIMITED);
    }

    @Override
    String page() {
        return "opensearch";
    }

    @Test
    void e2_storedScriptsComeBackWithThePipelinesThatRunThem() throws Exception {
        server.call("PUT", "/_scripts/add", """
                {"script": {"lang": "painless", "source": "ctx.sum = ctx.number + params.more", "params": {"more": 1}}}""");
        server.call("PUT", "/_ingest/pipeline/adding", """
                {"processors": [{"script": {"id": "add", "params": {"more": 2}}}]}""");
        String script = server.call("GET", "/_scripts/add", "");
        try (RunningAgent agent = agent()) {
            String backup = backup();
            assertThat(manager.result(backup).facts().get("definitions")).isEqualTo(2);
            server.call("DELETE", "/_ingest/pipeline/adding", "");
            server.call("DELETE", "/_scripts/add", "");
            manager.orderRestore(backup, 24);
            restored();
            assertThat(server.call("GET", "/_scripts/add", "")).isEqualTo(script);
            server.call("PUT", "/plain/_doc/2?pipeline=adding&refresh=true", "{\"number\": 5}");
            assertThat(json("/plain/_doc/2").path("_source").path("sum").asInt(0))
                    .isEqualTo(7);

            server.call("PUT", "/_scripts/add", "{\"script\": {\"lang\": \"painless\", \"source\": \"ctx.sum = 0\"}}");
            manager.orderRestore(backup, 24);
            restored();
            assertThat(server.call("GET", "/_scripts/add", "")).isEqualTo(script);
            assertNothingLeft(agent);
        }
        server.call("DELETE", "/_ingest/pipeline/adding", "");
        server.call("DELETE", "/_scripts/add", "");
    }

    @Test
    void e3_indexTiedToNodesThatAreGoneComesBackWithoutThatAndNothingElseIsHeldBack() throws Exception {
        make("tied", NO_COPIES);
        server.call("PUT", "/tied/_doc/1?refresh=true", "{\"number\": 1}");
        try (RunningAgent agent = agent()) {
            for (String tie : List.of(
                    "\"index.routing.allocation.require._name\": \"gone-node\"",
                    "\"index.routing.allocation.include._ip\": \"10.9.9.*,10.8.8.8\"",
                    "\"index.routing.allocation.exclude._host\": \"127.0.0.1\"",
                    "\"index.routing.allocation.require.rack\": \"r1\", \"index.routing.allocation.include.rack\": \"r2\"",
                    "\"index.routing.allocation.enable\": \"none\"")) {
                server.call("PUT", "/tied/_settings", "{" + tie + "}"); // its shard is there already, and stays
                String backup = backup();
                server.call("DELETE", "/tied", "");
                manager.orderRestore(backup, 24);
                assertThat(restored().notes())
                        .as(tie)
                        .anyMatch(note -> note.contains("index tied was restored without its settings")
                                && note.contains(tie.substring(1, tie.indexOf('"', 1))));
                assertThat(json("/tied/_doc/1").path("found").asBoolean(false)).isTrue();
            }
            server.call(
                    "PUT",
                    "/tied/_settings",
                    "{\"index.routing.allocation.include._ip\": \"127.0.0.*\", \"index.routing.allocation.require._name\": \"*\"}");
            String backup = backup();
            server.call("DELETE", "/tied", "");
            manager.orderRestore(backup, 24);
            assertThat(restored().notes()).isEmpty();
            assertThat(server.call("GET", "/tied/_settings?flat_settings=true", ""))
                    .contains("\"index.routing.allocation.include._ip\":\"127.0.0.*\"");
            assertNothingLeft(agent);
        }
    }

    @Test
    void e4_indexThatTellsNothingOfItselfIsBackedUpAndComesBack() throws Exception {
        make("opaque", NO_COPIES);
        server.call("PUT", "/opaque/_doc/1?refresh=true", "{\"number\": 1}");
        server.call(
                "POST",
                "/_aliases",
                "{\"actions\": [{\"add\": {\"index\": \"opaque\", \"alias\": \"seen\", \"filter\": {\"term\": {\"number\": 1}}}}]}");
        String alias = server.call("GET", "/opaque/_alias", "");
        server.call("PUT", "/opaque/_settings", "{\"index.blocks.metadata\": true}");
        assertThat(server.send("GET", "/opaque/_settings", "").statusCode()).isEqualTo(403);
        try (RunningAgent agent = agent()) {
            String backup = backup();
            for (boolean deleted : List.of(false, true)) {
                if (deleted) {
                    server.call("PUT", "/opaque/_settings", "{\"index.blocks.metadata\": null}");
                    server.call("DELETE", "/opaque", "");
                }
                manager.orderRestore(backup, 24);
                restored();
                assertThat(server.send("GET", "/opaque/_settings", "").statusCode())
                        .isEqualTo(403);
                assertThat(json("/opaque/_doc/1").path("found").asBoolean(false))
                        .isTrue();
            }
            server.call("PUT", "/opaque/_settings", "{\"index.blocks.metadata\": null}");
            assertThat(server.call("GET", "/opaque/_alias", "")).isEqualTo(alias);
            assertNothingLeft(agent);
        }
    }

    @Test
    void whatCannotComeBackIsSkippedOnlyWhenAskedFor() throws Exception {
        byte[] noise = new byte[700_000];
        new Random(1).nextBytes(noise);
        make("broken", NO_COPIES);
        server.call(
                "PUT",
                "/broken/_doc/1?refresh=true",
                "{\"v\": \"" + Base64.getEncoder().encodeToString(noise) + "\"}");
        make("other", NO_COPIES);
        server.call("PUT", "/_index_template/saved", "{\"index_patterns\": [\"x-*\"], \"priority\": 7}");
        try (RunningAgent agent = agent()) {
            String backup = backup();
            damageLargestFile();
            server.call("DELETE", "/_index_template/saved", "");
            server.call("PUT", "/_index_template/live", "{\"index_patterns\": [\"x-*\"], \"priority\": 7}");
            server.call("DELETE", "/plain,broken,other", "");
            server.call("PUT", "/elsewhere", "{\"aliases\": {\"other\": {}}, \"settings\": {" + NO_COPIES + "}}");

            manager.orderRestore(backup, 24);
            JobFailure failure = failedRestore();
            assertThat(failure.code()).isEqualTo(FailureCode.RESTORE_FAILED);
            assertThat(failure.hint()).contains("--skip-broken");
            assertThat(server.send("GET", "/plain", "").statusCode()).isEqualTo(404);

            manager.orderRestoreThatSkips(backup);
            RestoreResult result = restored();
            assertThat(result.restored()).containsExactly("plain");
            assertThat(String.join("\n", result.notes()))
                    .contains("left out: index broken", "left out: index other", "left out: index template saved");
            assertThat(json("/plain/_doc/1").path("found").asBoolean(false)).isTrue();
            assertThat(server.send("GET", "/broken", "").statusCode()).isEqualTo(404);
            assertNothingLeft(agent);
        } finally {
            server.send("DELETE", "/elsewhere", "");
        }
    }

    /** It stands still without closing its connections. */
    @Test
    void engineThatStandsStillIsGivenUp() throws Exception {
        idle = Duration.ofSeconds(3);
        try (RunningAgent agent = agent()) {
            String backup = backup();
            server.suspend();
            try {
                manager.orderBackup();
                assertThat(((JobFailure) manager.report()).code()).isEqualTo(FailureCode.TOOL_TIMEOUT);
                manager.orderRestore(backup, 24);
                assertThat(failedRestore().code()).isEqualTo(FailureCode.TOOL_TIMEOUT);
            } finally {
                server.resume();
            }
            backup();
            assertNothingLeft(agent);
        } finally {
            idle = Duration.ofMinutes(1);
        }
    }

    private void damageLargestFile() throws IOException {
        try (Stream<Path> files = Files.walk(directory.resolve("engine"))) {
            Path largest = files.filter(Files::isRegularFile)
                    .max(Comparator.comparingLong(file -> file.toFile().length()))
                    .orElseThrow();
            byte[] bytes = Files.readAllBytes(largest);
            Arrays.fill(bytes, bytes.length / 2, bytes.length / 2 + 20, (byte) 7);
            Files.write(largest, bytes);
        }
    }

    private void make(String index, String settings) {
        server.call("PUT", "/" + index, "{\"settings\": {" + settings + "}}");
    }

    private JsonNode json(String path) {
        return Json.mapper().readTree(server.call("GET", path, ""));
    }
}
