package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.config.SearchConfig;
import io.holdfast.agent.process.Command;
import io.holdfast.agent.standin.StandInManager;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.RestoreResult;
import io.holdfast.testbed.SearchServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The newest OpenSearch, without its security plugin, as a cluster of two nodes that share the folder. */
class OpensearchClusterTest {
    private static final int DOCUMENTS = 500;

    @TempDir
    Path directory = Path.of("");

    private StandInManager manager;
    private List<SearchServer> nodes = List.of();

    @BeforeEach
    void start() throws Exception {
        Files.setOwner(
                directory,
                directory.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(SearchServer.USER));
        manager = new StandInManager(directory);
        nodes = SearchServer.startTwo(SearchServer.Distribution.OPENSEARCH_3, SearchContract.ENGINES);
    }

    @AfterEach
    void stop() {
        nodes.forEach(SearchServer::close);
        manager.close();
    }

    private String ask(String method, String path, String body) {
        return nodes.getFirst().call(method, path, body);
    }

    @Test
    void shardsOfAllNodesAreInABackupAndOneThatIsMissingFailsIt() throws Exception {
        ask("PUT", "/spread", "{\"settings\": {\"number_of_shards\": 4, \"number_of_replicas\": 0}}");
        StringBuilder bulk = new StringBuilder();
        for (int i = 0; i < DOCUMENTS; i++) {
            bulk.append("{\"index\": {}}\n{\"n\": ").append(i).append("}\n");
        }
        ask("POST", "/spread/_bulk?refresh=true", bulk.toString());
        ask("GET", "/_cluster/health/spread?wait_for_status=green&timeout=60s", "");
        assertThat(ask("GET", "/_cat/shards/spread?h=node", "").lines().distinct())
                .as("both nodes have shards")
                .hasSize(2);
        SearchConfig config = new SearchConfig(
                "opensearch",
                nodes.getFirst().host(),
                nodes.getFirst().port(),
                null,
                null,
                null,
                directory,
                Duration.ofMinutes(1),
                Command.UNLIMITED);
        try (RunningAgent _ = new RunningAgent(manager, config, directory, CrashPoints.none())) {
            String backup = manager.orderBackup();
            Object made = manager.report();
            assertThat(made).as(made.toString()).isInstanceOf(BackupResult.class);
            assertThat(manager.result(backup).facts()).containsEntry("documents", (long) DOCUMENTS);

            ask("DELETE", "/spread", "");
            manager.orderRestore(backup, 0);
            Object restored = manager.report();
            assertThat(restored).as(restored.toString()).isInstanceOf(RestoreResult.class);
            ask("POST", "/spread/_refresh", "");
            assertThat(ask("GET", "/spread/_count", "")).contains("\"count\":" + DOCUMENTS);

            nodes.getLast().kill();
            Await.until(() ->
                    ask("GET", "/_cat/health?h=status,node.total", "").strip().equals("red 1"));
            manager.orderBackup();
            JobFailure failed = (JobFailure) manager.report();
            assertThat(failed.code()).as(failed.toString()).isEqualTo(FailureCode.DUMP_FAILED);
            assertThat(failed.message()).contains("spread");
        }
    }
}
