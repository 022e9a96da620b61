package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.config.AdapterConfig;
import io.holdfast.agent.config.SearchConfig;
import io.holdfast.agent.process.Command;
import io.holdfast.testbed.SearchServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * A backup of the series before comes back: OpenSearch 2's on 3; with the system property {@code tests.elasticsearch},
 * Elasticsearch 8's on 9.
 */
class SearchUpgradeTest extends AdapterFixture {
    private static final boolean ELASTICSEARCH = System.getProperty("tests.elasticsearch") != null;

    private @Nullable SearchServer server;

    @Override
    AdapterConfig config() throws IOException {
        SearchServer server = Objects.requireNonNull(this.server);
        Path folder = Files.createDirectories(directory.resolve("shared"));
        SearchContract.own(directory);
        SearchContract.own(folder);
        return new SearchConfig(
                page(),
                server.host(),
                server.port(),
                server.caFile() == null ? null : SearchServer.ADMIN,
                server.caFile() == null ? null : server.password(),
                server.caFile(),
                folder,
                null,
                Duration.ofMinutes(1),
                Command.UNLIMITED);
    }

    @Override
    String page() {
        return ELASTICSEARCH ? "elasticsearch" : "opensearch";
    }

    @Test
    void e1_backupOfTheSeriesBeforeComesBack() throws Exception {
        String before;
        String backup;
        try (SearchServer older = start(
                ELASTICSEARCH ? SearchServer.Distribution.ELASTICSEARCH_8 : SearchServer.Distribution.OPENSEARCH_2)) {
            this.server = older;
            new HardIndexes(older).fill();
            older.call("POST", "/_refresh", "");
            before = listing(older);
            try (RunningAgent _ = agent()) {
                backup = backup();
            }
        }
        try (SearchServer newer = start(
                ELASTICSEARCH ? SearchServer.Distribution.ELASTICSEARCH_9 : SearchServer.Distribution.OPENSEARCH_3)) {
            this.server = newer;
            try (RunningAgent agent = agent()) {
                manager.orderRestore(backup, 24);
                restored();
                newer.call("POST", "/_refresh", "");
                assertThat(listing(newer)).isEqualTo(before);
                manager.orderRestore(backup, 24); // over what is the same
                restored();
                String own = backup();
                newer.call("DELETE", "/_ingest/pipeline/nothing", "");
                newer.call("PUT", "/_component_template/part", "{\"template\": {}}");
                newer.call("DELETE", "/_index_template/whole", "");
                manager.orderRestore(own, 24); // with what only this version tells
                restored();
                assertThat(listing(newer)).isEqualTo(before);
                assertNothingLeft(agent);
            }
        }
    }

    private static SearchServer start(SearchServer.Distribution distribution) {
        return SearchServer.start(distribution, SearchContract.ENGINES, Map.of());
    }

    private static String listing(SearchServer server) {
        HardIndexes indexes = new HardIndexes(server);
        List<String> lines = new ArrayList<>();
        for (String name : indexes.indices()) {
            lines.add(name);
        }
        for (JsonNode hit :
                indexes.json("/plain,types/_search?size=1000").path("hits").path("hits")) {
            lines.add(hit.path("_index") + " " + hit.path("_id") + " " + hit.path("_source"));
        }
        lines.add(indexes.json("/_cat/aliases?format=json&h=alias,index,filter,is_write_index&s=alias,index")
                .toString());
        for (String path : List.of(
                "/_ingest/pipeline/nothing?filter_path=*.description,*.processors",
                "/_component_template/part?filter_path=**.template",
                "/_index_template/whole?filter_path=**.template,**.priority,**.composed_of")) {
            lines.add(indexes.json(path).toString());
        }
        return String.join("\n", lines.stream().sorted().toList());
    }
}
