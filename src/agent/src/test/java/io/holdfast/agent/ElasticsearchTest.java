package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.format.json.Json;
import io.holdfast.testbed.SearchServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The contract against Elasticsearch with its own security, whose snapshots go into a repository of the engine's. That is
 * one of type {@code fs}: the distribution that there is for tests has no other. The system property
 * {@code tests.elasticsearch} names another distribution.
 */
@SuppressWarnings("JUnitMethodInvoked") // a test that is left to scripts/whole-tests here is overridden for its tag
class ElasticsearchTest extends SearchContract {
    private boolean slow;

    @Override
    SearchServer start() throws Exception {
        return SearchServer.start(
                SearchServer.Distribution.valueOf(System.getProperty("tests.elasticsearch", "ELASTICSEARCH_8")),
                ENGINES,
                Map.of(
                        // JSON is YAML too, but the engine takes each line without indentation for a role.
                        "roles.yml", "holdfast: " + documentedRole().replace("\n", "\n  ") + "\n",
                        "users", "holdfast:" + SearchServer.hash(PASSWORD) + "\n",
                        "users_roles", "holdfast:holdfast\n"));
    }

    @Override
    @Test
    @Tag("whole")
    void dl21_serverThatDiesDuringTheRestoreHasItsOldDataAfterwards() throws Exception {
        super.dl21_serverThatDiesDuringTheRestoreHasItsOldDataAfterwards();
    }

    @Override
    @Test
    @Tag("whole")
    void dl21_restoreThatFailsItsValidationIsRolledBackAlsoAfterACrash() throws Exception {
        super.dl21_restoreThatFailsItsValidationIsRolledBackAlsoAfterACrash();
    }

    @Override
    @Test
    @Tag("whole")
    void dl04_fullDiskLeavesTheLiveDataAsItIs() throws Exception {
        super.dl04_fullDiskLeavesTheLiveDataAsItIs();
    }

    @Override
    @Test
    @Tag("whole")
    void backupUnderWriteLoadIsOfOneMoment() throws Exception {
        super.backupUnderWriteLoadIsOfOneMoment();
    }

    @Override
    @Test
    @Tag("whole")
    void restoreOverLiveDataWithOpenConnectionsMixesNothing() throws Exception {
        super.restoreOverLiveDataWithOpenConnectionsMixesNothing();
    }

    @Override
    @Test
    @Tag("whole")
    void cancelWhileDumpingAndWhileStagingLeavesNothing() throws Exception {
        super.cancelWhileDumpingAndWhileStagingLeavesNothing();
    }

    @Override
    @Test
    @Tag("whole")
    void agentThatWaitsStartsNoProgram() throws Exception {
        super.agentThatWaitsStartsNoProgram();
    }

    @Override
    String kind() {
        return "elasticsearch";
    }

    @Override
    boolean inEngineRepository() {
        return true;
    }

    @Override
    Map<String, String> engineRepository() throws IOException {
        Map<String, String> settings = new HashMap<>(super.engineRepository());
        if (slow) {
            settings.put("max_snapshot_bytes_per_sec", "1mb");
        }
        return settings;
    }

    @Override
    void prepare() {
        try {
            registerEngineRepository();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What it restores from is gone. */
    @Override
    void garble(Path staged) {
        for (String snapshot : json("/_snapshot/holdfast/backup-*").findValuesAsString("snapshot")) {
            ask("DELETE", "/_snapshot/holdfast/" + snapshot, "");
        }
    }

    /** As the page says: they are in a snapshot, a restore leaves them, and an administrator can restore them. */
    @Test
    void systemIndexesAreLeftByARestoreAndComeBackByHand() throws Exception {
        fill();
        String before = keepTask();
        try (RunningAgent agent = agent()) {
            String backup = backup();
            assertThat(manager.result(backup).facts().get("system_indices")).isPositive();
            String after = keepTask();
            manager.orderRestore(backup, 24);
            restored();
            assertThat(exists("/_tasks/" + after)).isTrue();
            ask("POST", "/_snapshot/holdfast/backup-" + backup + "_1/_restore?wait_for_completion=true", """
                    {"indices": "-*", "feature_states": ["tasks"], "include_global_state": false}
                    """);
            assertThat(exists("/_tasks/" + before)).isTrue();
            assertThat(exists("/_tasks/" + after)).isFalse();
            assertNothingLeft(agent);
        }
    }

    /** The engine keeps the results of such tasks in a system index; the distribution can make no other one. */
    private String keepTask() throws Exception {
        String task = Json.mapper()
                .readTree(server.call("POST", "/plain/_forcemerge?wait_for_completion=false", ""))
                .path("task")
                .asString();
        Await.until(() -> json("/_tasks/" + task + "?wait_for_completion=true&timeout=30s")
                .path("completed")
                .asBoolean());
        return task;
    }

    /** Nothing can hold its uploads: what goes into the store is small, and there once the engine is ready. */
    @Override
    @Test
    void dl01_serverThatDiesDuringTheDumpFailsTheBackupAndThatItIsDownIsTold() throws Exception {
        fillLittle();
        String backup;
        try (RunningAgent _ = agent()) {
            backup = backup();
        }
        fillLarge();
        slow = true;
        try (RunningAgent agent = agent()) {
            manager.orderBackup();
            Await.until(() -> json("/_snapshot/_status").path("snapshots").size() == 1);
            kill();
            try {
                assertDiedDuringDump();
                assertDownIsTold(backup);
            } finally {
                restart();
            }
            assertNothingLeft(agent);
        }
        slow = false;
        ask("GET", "/_cluster/health?wait_for_status=yellow&timeout=60s", "");
        try (RunningAgent _ = agent()) {
            backup();
        }
    }
}
