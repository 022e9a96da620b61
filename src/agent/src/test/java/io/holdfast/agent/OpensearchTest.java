package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import io.holdfast.testbed.SearchServer;
import java.nio.file.Files;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The contract against OpenSearch with its security plugin, and what Elasticsearch's tests' distribution does not have. */
@SuppressWarnings("JUnitMethodInvoked") // a test that is left to scripts/whole-tests here is overridden for its tag
class OpensearchTest extends SearchContract {
    @Override
    SearchServer start() throws Exception {
        SearchServer started = SearchServer.start(SearchServer.Distribution.OPENSEARCH_2, ENGINES, Map.of());
        String security = "/_plugins/_security/api/";
        started.call("PUT", security + "roles/holdfast", documentedRole());
        started.call("PUT", security + "internalusers/holdfast", "{\"hash\": \"" + SearchServer.hash(PASSWORD) + "\"}");
        started.call("PUT", security + "rolesmapping/holdfast", "{\"users\": [\"holdfast\"]}");
        return started;
    }

    @Override
    String kind() {
        return "opensearch";
    }

    @Override
    @Test
    @Tag("whole")
    void dl21_crashAtAnyPointLeavesOldOrNewData() throws Exception {
        super.dl21_crashAtAnyPointLeavesOldOrNewData();
    }

    @Override
    @Test
    @Tag("whole")
    void dl21_backupThatTheServiceRefusesLeavesTheOldData() throws Exception {
        super.dl21_backupThatTheServiceRefusesLeavesTheOldData();
    }

    @Override
    @Test
    @Tag("whole")
    void dl20_damagedBackupLeavesLiveDataAsItIs() throws Exception {
        super.dl20_damagedBackupLeavesLiveDataAsItIs();
    }

    @Override
    @Test
    @Tag("whole")
    void wrongPasswordIsToldAndNotShown() throws Exception {
        super.wrongPasswordIsToldAndNotShown();
    }

    @Override
    @Test
    @Tag("whole")
    void dl01_serverThatDiesDuringTheDumpFailsTheBackupAndThatItIsDownIsTold() throws Exception {
        super.dl01_serverThatDiesDuringTheDumpFailsTheBackupAndThatItIsDownIsTold();
    }

    @Override
    boolean inEngineRepository() {
        return false;
    }

    @Override
    void fillMore() {
        ask("PUT", "/_index_template/streams", """
                {"index_patterns": ["stream*"], "data_stream": {}, "priority": 9,
                 "template": {"settings": {"index.number_of_replicas": 0}}}
                """);
        ask("POST", "/stream-a/_doc?refresh=true", "{\"@timestamp\": \"2026-01-01\", \"x\": 1}");
        ask("POST", "/stream-a/_rollover", "");
        ask("POST", "/stream-a/_doc?refresh=true", "{\"@timestamp\": \"2026-01-02\", \"x\": 2}");
        ask("PUT", "/_data_stream/stream-b", "");
    }

    @Override
    void changeMore() {
        if (exists("/_data_stream/stream-b")) {
            ask("DELETE", "/_data_stream/stream-b", "");
        }
        if (exists("/_data_stream/stream-a")) {
            ask("POST", "/stream-a/_rollover", "");
            ask("POST", "/stream-a/_doc?refresh=true", "{\"@timestamp\": \"2026-01-03\", \"x\": 3}");
        }
    }

    /** Programs of root in a folder in which another user may put anything would be that user's. */
    @Test
    void folderThatBelongsToRootByNowIsRefused() throws Exception {
        try (RunningAgent agent = agent()) {
            Files.setOwner(
                    directory,
                    directory.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("root"));
            manager.orderBackup();
            JobFailure failure = (JobFailure) manager.report();
            assertThat(failure.code()).isEqualTo(FailureCode.SERVICE_DENIED);
            assertThat(failure.message()).contains("root");
            assertNothingLeft(agent);
        }
    }

    @Override
    void loseWhatOnlyTheBackupHas() {
        super.loseWhatOnlyTheBackupHas();
        ask("DELETE", "/_data_stream/stream-b", "");
    }

    @Override
    void loseMore() {
        ask("DELETE", "/_data_stream/*", "");
        if (exists("/_index_template/streams")) {
            ask("DELETE", "/_index_template/streams", "");
        }
    }
}
