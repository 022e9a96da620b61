package io.holdfast.manager.agentapi;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.format.json.Json;
import io.holdfast.protocol.Assignment;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.Capability;
import io.holdfast.protocol.Claim;
import io.holdfast.protocol.Heartbeat;
import io.holdfast.protocol.Hello;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.PartUpload;
import io.holdfast.protocol.Refusal;
import io.holdfast.protocol.RestoreResult;
import io.holdfast.protocol.SegmentDownload;
import io.holdfast.protocol.Snapshots;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The messages in {@code first-protocol} were written by the release that spoke it, with every field that it knew. They are
 * never changed: the release that wrote them is in use.
 */
class FirstProtocolTest {
    private static final Map<String, Class<?>> MESSAGES = Map.ofEntries(
            Map.entry("hello", Hello.class),
            Map.entry("hello-answer", Hello.Welcome.class),
            Map.entry("claim", Claim.class),
            Map.entry("claim-answer-backup", Assignment.class),
            Map.entry("snapshots", Snapshots.class),
            Map.entry("snapshots-answer", Snapshots.Answer.class),
            Map.entry("heartbeat", Heartbeat.class),
            Map.entry("heartbeat-answer", Heartbeat.Ack.class),
            Map.entry("parts", PartUpload.class),
            Map.entry("parts-answer", PartUpload.Address.class),
            Map.entry("downloads", SegmentDownload.class),
            Map.entry("downloads-answer", SegmentDownload.Address.class),
            Map.entry("file-keys", Assignment.FileKeysRequest.class),
            Map.entry("file-keys-answer", Assignment.FileKeys.class),
            Map.entry("resume", Assignment.Resume.class),
            Map.entry("backup-complete", BackupResult.class),
            Map.entry("restore-complete", RestoreResult.class),
            Map.entry("fail", JobFailure.class),
            Map.entry("refusal", Refusal.class));

    private static ObjectNode recorded(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(
                FirstProtocolTest.class.getResourceAsStream("first-protocol/" + name + ".json"), name)) {
            return (ObjectNode) Json.mapper().readTree(in);
        }
    }

    private static JsonNode written(Object message) {
        return Json.mapper().readTree(Json.mapper().writeValueAsBytes(message));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hello",
                "hello-answer",
                "claim",
                "claim-answer-backup",
                "snapshots",
                "snapshots-answer",
                "heartbeat",
                "heartbeat-answer",
                "parts",
                "parts-answer",
                "downloads",
                "downloads-answer",
                "file-keys",
                "file-keys-answer",
                "resume",
                "backup-complete",
                "restore-complete",
                "fail",
                "refusal"
            })
    void whatItSaidIsUnderstoodAndSaidInTheSameWay(String name) throws IOException {
        JsonNode recorded = recorded(name);
        // Strictly: nothing in it may be passed over.
        Object message = Json.mapper().treeToValue(recorded, Objects.requireNonNull(MESSAGES.get(name)));
        assertThat(written(message)).isEqualTo(recorded);
    }

    @Test
    void aRestoreIsOrderedAsItDemanded() throws IOException {
        ObjectNode recorded = recorded("claim-answer-restore");
        Assignment restore = Json.tolerantMapper().treeToValue(recorded, Assignment.class);
        assertThat(written(FirstProtocol.message(restore))).isEqualTo(recorded);
    }

    @Test
    void itGetsManifestsWithoutWhatItWouldRefuse() throws IOException {
        ObjectNode recorded = recorded("claim-answer-restore");
        String manifest = recorded.get("manifest").asString();
        ObjectNode newer = recorded.deepCopy()
                .put("manifest", manifest.replace("\"instance_id\"", "\"notes\":[\"a note\"],\"instance_id\""));
        Assignment restore = Json.tolerantMapper().treeToValue(newer, Assignment.class);
        assertThat(written(FirstProtocol.message(restore))).isEqualTo(recorded);
    }

    @Test
    void itsAgentsCanDoWhatThereWas() throws IOException {
        Hello hello = Json.mapper().treeToValue(recorded("hello"), Hello.class);
        assertThat(Capability.of(hello.capabilities()))
                .containsExactlyInAnyOrder(Capability.BACKUP, Capability.RESTORE, Capability.FORMAT_1);
    }
}
